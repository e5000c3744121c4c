"""A week of bookings, or a day of it, as appointments on the calendar."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.urls import reverse

from tenant_apps.availability.selectors import get_hours_by_zone, get_weekly_hours
from tenant_apps.availability.types import HoursOfZone
from tenant_apps.backoffice.rules import lay_out_day, lay_out_week, span_of_days, working_minutes
from tenant_apps.backoffice.types import Appointment, Desk, WeekView
from tenant_apps.bookings.selectors.staff import bookings_within
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.providers.types import ProviderCard

_WEEK: Final = 7
_KINDS = {
    BookingStatus.PENDING: "w",
    BookingStatus.COMPLETED: "b",
    BookingStatus.NO_SHOW: "b",
}


def week_view(desk: Desk, *, monday: date, today: date, provider: ProviderCard | None = None) -> WeekView:
    """The week from `monday`, of everybody the desk sees or of one provider. One query, and one for the hours."""
    appointments = _appointments(desk, first=monday, count=_WEEK, provider=provider)
    days_off, working = _hours(desk, provider, on_date=monday)
    return lay_out_week(appointments, monday=monday, zone=desk.zone, today=today, days_off=days_off, working=working)


def day_view(desk: Desk, *, day: date, today: date, provider: ProviderCard | None = None) -> WeekView:
    """One day with all that happens on it; otherwise as `week_view`."""
    appointments = _appointments(desk, first=day, count=1, provider=provider)
    days_off, working = _hours(desk, provider, on_date=day)
    return lay_out_day(appointments, day=day, zone=desk.zone, today=today, days_off=days_off, working=working)


def _appointments(desk: Desk, *, first: date, count: int, provider: ProviderCard | None) -> list[Appointment]:
    single = _single(desk, provider)
    span = span_of_days(first, count, desk.zone)
    bookings = bookings_within(actor=desk.actor, span=span, provider_pk=None if provider is None else provider.pk)
    return [
        Appointment(
            url=reverse("backoffice:booking", args=[booking.reference]),
            title=booking.customer_name,
            detail=booking.service_title if single else f"{booking.service_title} · {booking.provider.display_name}",
            kind=_KINDS.get(BookingStatus(booking.status), ""),
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
        )
        for booking in bookings
    ]


def _single(desk: Desk, provider: ProviderCard | None) -> ProviderCard | None:
    return provider or (None if desk.runs_marketplace else desk.own)


def _hours(desk: Desk, provider: ProviderCard | None, *, on_date: date) -> tuple[frozenset[int], tuple[int, int] | None]:
    """The weekdays on which a single provider has no hours, and the minutes between which anybody works.

    No day off and no minutes for who has not set any hours yet.
    """
    single = _single(desk, provider)
    if single is None:
        return frozenset(), working_minutes(get_hours_by_zone(), desk.zone, on_date)
    rows = get_weekly_hours(provider=single)
    if not rows:
        return frozenset(), None
    own = HoursOfZone(single.time_zone, min(row.starts_minute for row in rows), max(row.ends_minute for row in rows))
    return frozenset(range(_WEEK)) - {row.weekday for row in rows}, working_minutes([own], desk.zone, on_date)
