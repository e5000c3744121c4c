"""How many bookings the organization's plan allows in a month."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from kernel.ids import first_id_at
from shared_apps.plans.services import require_within_limit
from shared_apps.plans.types import BOOKINGS_PER_MONTH
from tenant_apps.bookings.models import Booking
from tenants.scope import current_tenant

# A booking's row is made when its hold is, minutes before it is booked.
_SLACK: Final = timedelta(days=1)


def require_room_in_plan(*, now: datetime) -> None:
    """Raise LimitReached (402) when this month's bookings are used up. Inside the transaction that books.

    Where the plan has a limit, bookings of the organization queue up behind its lock until they commit.
    """
    require_within_limit(BOOKINGS_PER_MONTH, used=lambda: booked_this_month(now=now))


def booked_this_month(*, now: datetime) -> int:
    """How many bookings were made since the month began in the organization's zone, whatever became of them."""
    local = now.astimezone(ZoneInfo(current_tenant().time_zone))
    began_at = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    # The id holds the time it was made, so its index leads to this month's rows without one of its own.
    recent = Booking.objects.filter(public_id__gte=first_id_at(began_at - _SLACK))
    return recent.filter(booked_at__gte=began_at, booked_at__lte=now).count()
