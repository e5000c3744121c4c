"""Writes to everybody with a booking to come that the marketplace has closed, or is open again after all; a part at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils import translation

from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.selectors.closing import (
    bookings_to_come,
    calendar_about_closing,
    calendar_about_reopening,
    letter_about_closing,
    letter_about_reopening,
)
from tenant_apps.notifications.selectors import was_sent
from tenant_apps.notifications.services import send_mail

# So many letters fit into the ten seconds of a part, also where the mail server is slow.
_AT_ONCE: Final = 20


def tell_customers_of_closing(*, closed_at: datetime, after: int, now: datetime) -> int | None:
    """Write to the next twenty; the last of them, to go on after, or None when that was everybody. Twice: one letter each.

    Raises:
        TemporaryFailure: the mail server does not take it now.
    """
    part = _next(after, now)
    for booking in part:
        with translation.override(booking.language):
            letter, attachment = letter_about_closing(booking), calendar_about_closing(booking, at=now)
        key = _key_of_closing(booking, closed_at)
        send_mail(key=key, to=booking.email, letter=letter, language=booking.language, attachments=[attachment])
    return _last(part)


def tell_customers_of_reopening(*, closed_at: datetime, after: int, now: datetime) -> int | None:
    """The same for whoever was told of that closing; whoever was not need not know."""
    part = _next(after, now)
    for booking in part:
        if not was_sent(_key_of_closing(booking, closed_at)):
            continue
        with translation.override(booking.language):
            letter, attachment = letter_about_reopening(booking), calendar_about_reopening(booking, at=now)
        key = f"reopened:{closed_at:%Y%m%d%H%M%S}:{booking.reference}"
        send_mail(key=key, to=booking.email, letter=letter, language=booking.language, attachments=[attachment])
    return _last(part)


def _next(after: int, now: datetime) -> list[Booking]:
    return list(bookings_to_come(now=now).filter(pk__gt=after).with_sides().order_by("pk")[:_AT_ONCE])


def _last(part: list[Booking]) -> int | None:
    return part[-1].pk if len(part) == _AT_ONCE else None


def _key_of_closing(booking: Booking, closed_at: datetime) -> str:
    return f"closed:{closed_at:%Y%m%d%H%M%S}:{booking.reference}"
