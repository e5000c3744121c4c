"""How many bookings the organization's plan allows in a month (docs/adr/0011)."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from kernel.events import publish
from kernel.ids import first_id_at
from shared_apps.plans.errors import LimitReached
from shared_apps.plans.services import is_within_limit, require_within_limit
from shared_apps.plans.types import BOOKINGS_PER_MONTH
from tenant_apps.bookings.events import MonthUsedUp
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.querysets import SLACK
from tenants.scope import current_tenant


def take_room_in_plan(*, now: datetime) -> None:
    """Go on only while this month has room for one more booking. Inside the transaction that books.

    Where the plan has a limit, bookings of the organization queue up behind its lock until they commit. With the last one
    MonthUsedUp leaves after the commit.

    Raises:
        LimitReached: the month is used up (402); in words for the customer, who has no plan.
    """
    try:
        left = require_within_limit(BOOKINGS_PER_MONTH, used=lambda: booked_this_month(now=now))
    except LimitReached as refusal:
        raise _month_is_full(refusal.limit) from refusal
    if left == 0:
        publish(MonthUsedUp(month_began_at(now).date()))


def require_room_in_plan(*, now: datetime) -> None:
    """As `take_room_in_plan`, without a lock: for who is about to ask for a name, and should know before."""
    if not is_within_limit(BOOKINGS_PER_MONTH, used=lambda: booked_this_month(now=now)):
        raise _month_is_full(current_tenant().entitlements.get(BOOKINGS_PER_MONTH.code) or 0)


def booked_this_month(*, now: datetime) -> int:
    """How many bookings count that were made since the month began in the organization's zone."""
    began_at = month_began_at(now)
    # The id holds the time it was made, so its index leads to this month's rows without one of its own.
    recent = Booking.objects.filter(public_id__gte=first_id_at(began_at - SLACK))
    return recent.counting().filter(booked_at__gte=began_at, booked_at__lte=now).count()


def booked_by_month(*, since: date, now: datetime) -> dict[date, int]:
    """How many bookings count of each month, by its first day on the organization's clock, from `since` on (one query).

    As it stands today: what was called off in good time does not count any more (ADR 0011). Months without any are left out.
    """
    zone = ZoneInfo(current_tenant().time_zone)
    began_at = datetime.combine(since, time.min, tzinfo=zone)
    recent = Booking.objects.filter(public_id__gte=first_id_at(began_at - SLACK))
    found = recent.counting().filter(booked_at__gte=began_at, booked_at__lte=now).order_by()
    lines = found.annotate(month=TruncMonth("booked_at", tzinfo=zone)).values_list("month").annotate(count=Count("pk"))
    return {month.date(): count for month, count in lines}


def month_began_at(now: datetime) -> datetime:
    """The first moment of the month that `now` is in, on the organization's clock."""
    local = now.astimezone(ZoneInfo(current_tenant().time_zone))
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _month_is_full(limit: int) -> LimitReached:
    sentence = _("%(market)s takes no more bookings this month. Please contact them directly, or come back next month.")
    return LimitReached(BOOKINGS_PER_MONTH, limit, sentence=sentence % {"market": current_tenant().name})
