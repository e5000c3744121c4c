"""What those who run the marketplace, and each provider, see of bookings in the backoffice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncWeek
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.intervals import Interval
from kernel.paging import Page, fetch_page
from tenant_apps.bookings.errors import NoSuchBooking
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.permissions import VIEW
from tenant_apps.bookings.querysets import BookingQuerySet
from tenant_apps.bookings.types import BookingStatus

__all__ = [
    "Booking",
    "StaffFigures",
    "StaffTab",
    "WeekFigures",
    "booking_for_staff",
    "bookings_for_staff",
    "bookings_within",
    "staff_figures",
    "waiting_count",
    "weekly_figures",
]

PAGE_SIZE: Final = 20
# A week of a large marketplace; beyond it a calendar is no way to look at them.
_MOST_ON_A_CALENDAR: Final = 500
_MOST_WORDS: Final = 5

_S = BookingStatus
_STANDING: Final = (_S.PENDING, _S.CONFIRMED, _S.COMPLETED, _S.NO_SHOW)
_EARNING: Final = (_S.CONFIRMED, _S.COMPLETED)
_FALLEN: Final = (_S.DECLINED, _S.CANCELLED, _S.EXPIRED)


class StaffTab(Enum):
    """The lists of bookings: the name in an address, and the order, of which the last column is unique."""

    UPCOMING = ("upcoming", ("starts_at", "pk"))
    TO_CONFIRM = ("to-confirm", ("starts_at", "pk"))
    PAST = ("past", ("-starts_at", "-pk"))
    CANCELLED = ("cancelled", ("-starts_at", "-pk"))

    def __init__(self, code: str, order: tuple[str, ...]) -> None:
        self.code = code
        self.order = order

    @classmethod
    def of(cls, code: str) -> StaffTab:
        """The list of this name; the first for a name that means nothing."""
        return next((tab for tab in cls if tab.code == code), cls.UPCOMING)

    def condition(self, now: datetime) -> Q:
        """Which bookings stand in this list at `now`."""
        if self is StaffTab.UPCOMING:
            return Q(status=_S.CONFIRMED, ends_at__gt=now)
        if self is StaffTab.TO_CONFIRM:
            return _unanswered(now)
        if self is StaffTab.PAST:
            return Q(status__in=(_S.COMPLETED, _S.NO_SHOW)) | Q(status=_S.CONFIRMED, ends_at__lte=now)
        return Q(status__in=_FALLEN) | Q(status=_S.PENDING, due_at__lte=now)


@dataclass(frozen=True, slots=True)
class StaffFigures:
    """The numbers at the top of the backoffice. `earned_minor` is in the marketplace's currency."""

    in_span: int
    upcoming: int
    to_confirm: int
    earned_minor: int
    has_any: bool


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """What was booked for one week that begins on Monday `starts_on`."""

    starts_on: date
    count: int
    amount_minor: int


def bookings_for_staff(
    *, actor: Actor, tab: StaffTab, now: datetime, search: str = "", cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[Booking]:
    """One page of a list, each with its provider and service; what is next, or was last, comes first.

    Raises:
        Invalid: the cursor is none of ours.
    """
    found = _of_staff(actor).booked().filter(tab.condition(now)).select_related("provider", "service")
    for word in search.replace("\0", " ").split()[:_MOST_WORDS]:
        found = found.filter(_matching(word))
    return fetch_page(found, order=tab.order, cursor=cursor, limit=limit)


def booking_for_staff(booking_id: UUID, *, actor: Actor) -> Booking:
    """A booking that the actor works on, with its provider and service.

    Raises:
        NoSuchBooking: it is in somebody else's calendar, or nobody's.
    """
    found = _of_staff(actor).booked().select_related("provider", "service").filter(public_id=booking_id).first()
    if found is None:
        raise NoSuchBooking(_("There is no such booking."))
    return found


def bookings_within(*, actor: Actor, span: Interval, provider_pk: int | None = None) -> Sequence[Booking]:
    """What stands in the calendar within `span`, in order of time, with provider and service; of one provider if asked."""
    found = _of_staff(actor).in_state(_STANDING).overlapping(span).select_related("provider", "service")
    if provider_pk is not None:
        found = found.filter(provider_id=provider_pk)
    return list(found.order_by("starts_at", "pk")[:_MOST_ON_A_CALENDAR])


def staff_figures(*, actor: Actor, now: datetime, span: Interval, earning: Interval) -> StaffFigures:
    """Bookings that start within `span`, upcoming ones, open requests, and what starts within `earning` is worth."""
    counted = _of_staff(actor).aggregate(
        in_span=Count("pk", filter=Q(status__in=_STANDING, starts_at__gte=span.start, starts_at__lt=span.end)),
        upcoming=Count("pk", filter=Q(status=_S.CONFIRMED, ends_at__gt=now)),
        to_confirm=Count("pk", filter=_unanswered(now)),
        earned=Sum(
            "price_minor",
            filter=Q(status__in=_EARNING, starts_at__gte=earning.start, starts_at__lt=earning.end),
        ),
        any=Count("pk", filter=~Q(status=_S.HELD)),
    )
    return StaffFigures(
        in_span=counted["in_span"],
        upcoming=counted["upcoming"],
        to_confirm=counted["to_confirm"],
        earned_minor=int(counted["earned"] or 0),
        has_any=bool(counted["any"]),
    )


def waiting_count(*, actor: Actor, now: datetime) -> int:
    """How many requests wait for this actor's yes or no."""
    return _of_staff(actor).filter(_unanswered(now)).count()


def weekly_figures(*, actor: Actor, span: Interval, zone: str) -> dict[date, WeekFigures]:
    """Count and worth of what starts in each week of `span`, by its Monday in `zone`; weeks without any are left out."""
    rows = (
        _of_staff(actor)
        .in_state(_EARNING)
        .filter(starts_at__gte=span.start, starts_at__lt=span.end)
        .annotate(week=TruncWeek("starts_at", tzinfo=ZoneInfo(zone)))
        .values("week")
        .annotate(count=Count("pk"), amount=Sum("price_minor"))
        .order_by("week")
    )
    return {row["week"].date(): WeekFigures(row["week"].date(), row["count"], int(row["amount"])) for row in rows}


def _of_staff(actor: Actor) -> BookingQuerySet:
    """Those in calendars that the actor keeps: not the bookings they made elsewhere as a customer."""
    if actor.can(VIEW.any):
        return Booking.objects.all()
    # An operator's user_id is a row of another table: the same number is another person.
    if actor.kind != "user" or actor.user_id is None or not actor.can(VIEW.own):
        return Booking.objects.none()
    return Booking.objects.filter(provider__user_id=actor.user_id)


def _unanswered(now: datetime) -> Q:
    return Q(status=_S.PENDING) & (Q(due_at__isnull=True) | Q(due_at__gt=now))


def _matching(word: str) -> Q:
    return (
        Q(first_name__unaccent__icontains=word)
        | Q(last_name__unaccent__icontains=word)
        | Q(email__icontains=word)
        | Q(service_title__unaccent__icontains=word)
        | Q(provider__display_name__unaccent__icontains=word)
    )
