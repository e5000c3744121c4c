"""A week of bookings as appointments on the calendar."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from tenant_apps.availability.selectors import get_weekly_hours
from tenant_apps.backoffice.rules import lay_out_week, span_of_days
from tenant_apps.backoffice.types import Appointment, Desk, WeekView
from tenant_apps.bookings.selectors.staff import bookings_within
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.providers.types import ProviderCard

_KINDS = {
    BookingStatus.PENDING: "w",
    BookingStatus.COMPLETED: "b",
    BookingStatus.NO_SHOW: "b",
}


def week_view(desk: Desk, *, monday: date, today: date, provider: ProviderCard | None = None) -> WeekView:
    """The week from `monday`, of everybody the desk sees or of one provider. One query, and one for that one's hours."""
    single = provider or (None if desk.runs_marketplace else desk.own)
    span = span_of_days(monday, 7, desk.zone)
    bookings = bookings_within(actor=desk.actor, span=span, provider_pk=None if provider is None else provider.pk)
    appointments = [
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
    return lay_out_week(appointments, monday=monday, zone=desk.zone, today=today, days_off=_days_off(single))


def _days_off(provider: ProviderCard | None) -> frozenset[int]:
    """The weekdays on which the provider has no hours; none for somebody who has not set any yet."""
    if provider is None:
        return frozenset()
    open_days = {row.weekday for row in get_weekly_hours(provider=provider)}
    return frozenset(range(7)) - open_days if open_days else frozenset()
