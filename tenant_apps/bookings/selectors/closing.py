"""What a marketplace that closes leaves open: the bookings that are still to come, and the letters about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.querysets import BookingQuerySet
from tenant_apps.bookings.rules.calendar_entries import EntryStatus, Method, calendar_file
from tenant_apps.bookings.selectors.calendars import calendar_entry
from tenant_apps.bookings.selectors.letters.parts import date_card, words_for_customer
from tenant_apps.bookings.selectors.links import manage_url
from tenant_apps.bookings.types import BookingStatus, Party
from tenant_apps.notifications.types import Action, Attachment, Letter, Template

_OPEN: Final = (BookingStatus.PENDING, BookingStatus.CONFIRMED)


def bookings_to_come(*, now: datetime) -> BookingQuerySet:
    """What was booked, or asked for, and has not begun at `now`."""
    return Booking.objects.in_state(_OPEN).filter(starts_at__gt=now)


def letter_about_closing(booking: Booking) -> Letter:
    """To the customer: the marketplace has closed, so this booking is off. In the active language."""
    words = words_for_customer(booking)
    return Letter(
        template=Template.BOOKING_MARKET_CLOSED,
        subject=_("Off: %(service)s, %(time)s") % words,
        preheader=_("%(market)s has closed.") % words,
        status=_("Closed"),
        tone="bad",
        heading=_("%(market)s has closed") % words,
        paragraphs=(
            _("We are sorry: with it, your booking with %(provider)s is off.") % words,
            _("Should it open again in time, your booking stands as it was, and we write to you. Do not wait for that."),
            _("Questions? Answer this letter: it reaches the people behind %(market)s.") % words,
        ),
        card=date_card(booking, zone=booking.customer_time_zone),
    )


def letter_about_reopening(booking: Booking) -> Letter:
    """To the same customer: it is open again, and this booking stands."""
    words = words_for_customer(booking)
    return Letter(
        template=Template.BOOKING_MARKET_REOPENED,
        subject=_("Standing again: %(service)s, %(time)s") % words,
        preheader=_("%(market)s is open again.") % words,
        status=_("On again"),
        tone="ok",
        heading=_("See you on %(weekday)s after all") % words,
        paragraphs=(
            _("%(market)s is open again, and your booking with %(provider)s stands as it was.") % words,
            _("If you have made other plans, please cancel it."),
        ),
        card=date_card(booking, zone=booking.customer_time_zone),
        button=Action(_("View booking"), manage_url(booking)),
    )


def calendar_about_closing(booking: Booking, *, at: datetime) -> Attachment:
    """Takes the booking out of the customer's calendar.

    Its number does not go up, as the booking has not changed: of equal ones the younger message counts (RFC 5546 §2.1.5).
    """
    entry = replace(calendar_entry(booking, side=Party.CUSTOMER), status=EntryStatus.CANCELLED, stamped_at=at)
    return Attachment("booking.ics", calendar_file(entry, Method.CANCEL), f"text/calendar; method={Method.CANCEL.value}")


def calendar_about_reopening(booking: Booking, *, at: datetime) -> Attachment:
    """Puts it into the calendar again."""
    entry = replace(calendar_entry(booking, side=Party.CUSTOMER), stamped_at=at)
    return Attachment("booking.ics", calendar_file(entry, Method.REQUEST), f"text/calendar; method={Method.REQUEST.value}")
