"""What the provider is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from tenant_apps.bookings.events import (
    BookingCancelled,
    BookingConfirmed,
    BookingDeclined,
    BookingEvent,
    BookingLapsed,
    BookingMoved,
    BookingRequested,
)
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.selectors.calendars import staff_url
from tenant_apps.bookings.selectors.letters.parts import customer_rows, date_card
from tenant_apps.bookings.selectors.phrases import moment_words
from tenant_apps.bookings.types import Party
from tenant_apps.notifications.types import Action, DateCard, Letter, Template


def letter_to_provider(event: BookingEvent, booking: Booking) -> Letter | None:
    """The letter to the provider of `booking` about `event`; None for events that they are not written to about."""
    write = _LETTERS.get(type(event))
    return write(event, booking) if write else None


def _requested(event: BookingRequested, booking: Booking) -> Letter:
    words = _words(booking) | {"deadline": moment_words(event.expires_at, zone=booking.time_zone)}
    return Letter(
        template=Template.BOOKING_REQUESTED_PROVIDER,
        subject=_("Please answer: %(customer)s, %(time)s") % words,
        preheader=_("%(service)s. Answer by %(deadline)s.") % words,
        status=_("Waiting for you"),
        tone="warn",
        heading=_("%(customer)s asks for a time") % words,
        paragraphs=(_("Answer by %(deadline)s. Until then the time is kept free; after it, the request lapses.") % words,),
        card=_card(booking),
        quote=booking.note,
        button=Action(_("Answer the request"), staff_url(booking)),
        rows=customer_rows(booking),
    )


def _confirmed(event: BookingConfirmed, booking: Booking) -> Letter:
    words = _words(booking)
    heading = _("You have said yes to %(customer)s") if event.was_requested else _("%(customer)s has booked you")
    return Letter(
        template=Template.BOOKING_CONFIRMED_PROVIDER,
        subject=_("Booked: %(customer)s, %(time)s") % words,
        preheader=_("%(service)s, %(time)s.") % words,
        status=_("Confirmed"),
        tone="ok",
        heading=heading % words,
        paragraphs=(_("The time is taken in your calendar here. The file puts it into your own, too."),),
        card=_card(booking),
        quote=booking.note,
        button=Action(_("View booking"), staff_url(booking)),
        rows=customer_rows(booking),
    )


def _declined(event: BookingDeclined, booking: Booking) -> Letter:
    words = _words(booking)
    return Letter(
        template=Template.BOOKING_DECLINED_PROVIDER,
        subject=_("Declined: %(customer)s, %(time)s") % words,
        preheader=_("The time is free again."),
        status=_("Declined"),
        tone="bad",
        heading=_("%(customer)s was told that it cannot be") % words,
        paragraphs=(_("The time is free again for others."),),
        card=_card(booking),
        quote=event.reason,
        button=Action(_("View booking"), staff_url(booking)),
    )


def _cancelled(event: BookingCancelled, booking: Booking) -> Letter:
    words = _words(booking)
    by_customer = event.by is Party.CUSTOMER
    paragraphs = [_("The time is free again for others.")]
    if event.is_late:
        paragraphs.insert(0, _("This came later than the notice you ask for."))
    return Letter(
        template=Template.BOOKING_CANCELLED_PROVIDER,
        subject=_("Cancelled: %(customer)s, %(time)s") % words,
        preheader=_("The time is free again."),
        status=_("Cancelled late") if event.is_late else _("Cancelled"),
        tone="bad",
        heading=(_("%(customer)s has cancelled") if by_customer else _("The booking of %(customer)s is cancelled")) % words,
        paragraphs=tuple(paragraphs),
        card=_card(booking),
        quote=event.reason,
        button=Action(_("View booking"), staff_url(booking)),
    )


def _moved(event: BookingMoved, booking: Booking) -> Letter:
    words = _words(booking) | {"before": moment_words(event.moved_from_at, zone=booking.time_zone)}
    by_customer = event.by is Party.CUSTOMER
    return Letter(
        template=Template.BOOKING_MOVED_PROVIDER,
        subject=_("New time: %(customer)s, %(time)s") % words,
        preheader=_("Before it was %(before)s.") % words,
        status=_("Moved"),
        heading=(_("%(customer)s has another time now") if by_customer else _("%(customer)s was given another time")) % words,
        paragraphs=(_("Before it was %(before)s; that time is free again.") % words,),
        card=_card(booking),
        button=Action(_("View booking"), staff_url(booking)),
        rows=customer_rows(booking),
    )


def _lapsed(_event: BookingLapsed, booking: Booking) -> Letter:
    words = _words(booking)
    return Letter(
        template=Template.BOOKING_LAPSED_PROVIDER,
        subject=_("Lapsed: %(customer)s, %(time)s") % words,
        preheader=_("The request was not answered in time."),
        status=_("Lapsed"),
        tone="bad",
        heading=_("The request of %(customer)s has lapsed") % words,
        paragraphs=(_("It was not answered in time. The time is free again for others."),),
        card=_card(booking),
        button=Action(_("View booking"), staff_url(booking)),
    )


# Any: each writes about its own class of event.
_LETTERS: Final[Mapping[type[BookingEvent], Callable[[Any, Booking], Letter]]] = {
    BookingRequested: _requested,
    BookingConfirmed: _confirmed,
    BookingDeclined: _declined,
    BookingCancelled: _cancelled,
    BookingMoved: _moved,
    BookingLapsed: _lapsed,
}


def _words(booking: Booking) -> dict[str, str]:
    return {
        "service": booking.service_title,
        "customer": booking.customer_name,
        "time": moment_words(booking.starts_at, zone=booking.time_zone),
    }


def _card(booking: Booking) -> DateCard:
    return date_card(booking, zone=booking.time_zone)
