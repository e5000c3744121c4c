"""What the customer is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
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
from tenant_apps.bookings.selectors.letters.parts import date_card, price_rows, words_for_customer
from tenant_apps.bookings.selectors.links import manage_token, manage_url
from tenant_apps.bookings.selectors.phrases import moment_words
from tenant_apps.bookings.selectors.terms import current_terms, terms_words
from tenant_apps.bookings.types import Party
from tenant_apps.notifications.types import Action, DateCard, Letter, Template
from tenants.scope import current_tenant


def letter_to_customer(event: BookingEvent, booking: Booking, *, now: datetime) -> Letter | None:
    """The letter to the customer of `booking` about `event`; None for events that they are not written to about.

    It tells what they may still do at `now`, when it is written.
    """
    write = _LETTERS.get(type(event))
    return write(event, booking, now) if write else None


def _requested(event: BookingRequested, booking: Booking, now: datetime) -> Letter:
    words = words_for_customer(booking) | {"deadline": moment_words(event.expires_at, zone=booking.customer_time_zone)}
    return Letter(
        template=Template.BOOKING_REQUESTED_CUSTOMER,
        subject=_("Request sent: %(service)s, %(time)s") % words,
        preheader=_("%(provider)s answers by %(deadline)s.") % words,
        status=_("Waiting for an answer"),
        tone="warn",
        heading=_("Your request is with %(provider)s") % words,
        paragraphs=(_("You hear from us as soon as there is an answer, at the latest on %(deadline)s.") % words,),
        card=_card(booking),
        button=Action(_("View request"), manage_url(booking)),
        links=(_change(booking, now),),
        rows=price_rows(booking),
        footnote=_terms(booking, now),
    )


def _confirmed(event: BookingConfirmed, booking: Booking, now: datetime) -> Letter:
    words = words_for_customer(booking)
    told = _("%(provider)s has said yes.") if event.was_requested else _("%(provider)s has your booking.")
    return Letter(
        template=Template.BOOKING_CONFIRMED_CUSTOMER,
        subject=_("Confirmed: %(service)s, %(time)s") % words,
        preheader=_("%(time)s with %(provider)s.") % words,
        status=_("Confirmed"),
        tone="ok",
        heading=_("See you on %(weekday)s") % words,
        paragraphs=(f"{told % words} {_('Everything you need is below.')}",),
        card=_card(booking),
        button=Action(_("View booking"), manage_url(booking)),
        links=(_calendar(booking), _change(booking, now)),
        rows=price_rows(booking),
        footnote=_terms(booking, now),
    )


def _declined(event: BookingDeclined, booking: Booking, _now: datetime) -> Letter:
    words = words_for_customer(booking)
    return Letter(
        template=Template.BOOKING_DECLINED_CUSTOMER,
        subject=_("Declined: %(service)s, %(time)s") % words,
        preheader=_("%(provider)s cannot take this one.") % words,
        status=_("Declined"),
        tone="bad",
        heading=_("%(provider)s cannot take this one") % words,
        paragraphs=(_("Nothing is booked. Perhaps another time suits you both."),),
        card=_card(booking),
        quote=event.reason,
        button=Action(_("See other times"), _service_url(booking)),
    )


def _cancelled(event: BookingCancelled, booking: Booking, _now: datetime) -> Letter:
    words = words_for_customer(booking)
    by_customer = event.by is Party.CUSTOMER
    heading = _("Your booking is cancelled") if by_customer else _("%(provider)s had to cancel") % words
    return Letter(
        template=Template.BOOKING_CANCELLED_CUSTOMER,
        subject=_("Cancelled: %(service)s, %(time)s") % words,
        preheader=_("%(time)s is off.") % words,
        status=_("Cancelled"),
        tone="bad",
        heading=heading,
        paragraphs=(
            _("You called this booking off. Nothing more to do.")
            if by_customer
            else _("We are sorry: this booking cannot take place. Perhaps another time suits you."),
        ),
        card=_card(booking),
        quote=event.reason,
        button=Action(_("Choose another time"), _service_url(booking)),
    )


def _moved(event: BookingMoved, booking: Booking, now: datetime) -> Letter:
    words = words_for_customer(booking) | {"before": moment_words(event.moved_from_at, zone=booking.customer_time_zone)}
    return Letter(
        template=Template.BOOKING_MOVED_CUSTOMER,
        subject=_("New time: %(service)s, %(time)s") % words,
        preheader=_("Before it was %(before)s.") % words,
        status=_("Moved"),
        heading=_("Now on %(weekday)s") % words,
        paragraphs=(
            _("You moved this booking. Before it was %(before)s.") % words
            if event.by is Party.CUSTOMER
            else _("%(provider)s moved this booking. Before it was %(before)s.") % words,
        ),
        card=_card(booking),
        button=Action(_("View booking"), manage_url(booking)),
        links=(_calendar(booking), _change(booking, now)),
        footnote=_terms(booking, now),
    )


def _lapsed(_event: BookingLapsed, booking: Booking, _now: datetime) -> Letter:
    words = words_for_customer(booking)
    return Letter(
        template=Template.BOOKING_LAPSED_CUSTOMER,
        subject=_("No answer: %(service)s, %(time)s") % words,
        preheader=_("%(provider)s did not answer in time.") % words,
        status=_("No answer"),
        tone="bad",
        heading=_("%(provider)s did not answer in time") % words,
        paragraphs=(_("Nothing is booked. We are sorry for the wait; perhaps another time works."),),
        card=_card(booking),
        button=Action(_("See other times"), _service_url(booking)),
    )


# Any: each writes about its own class of event.
_LETTERS: Final[Mapping[type[BookingEvent], Callable[[Any, Booking, datetime], Letter]]] = {
    BookingRequested: _requested,
    BookingConfirmed: _confirmed,
    BookingDeclined: _declined,
    BookingCancelled: _cancelled,
    BookingMoved: _moved,
    BookingLapsed: _lapsed,
}


def _card(booking: Booking) -> DateCard:
    return date_card(booking, zone=booking.customer_time_zone)


def _change(booking: Booking, now: datetime) -> Action:
    can_move = current_terms(booking, now).can_move
    return Action(_("Move or cancel") if can_move else _("Cancel"), manage_url(booking))


def _terms(booking: Booking, now: datetime) -> str:
    return terms_words(booking, zone=booking.customer_time_zone, now=now)


def _calendar(booking: Booking) -> Action:
    path = reverse("booking_calendar_file", args=[manage_token(booking)])
    return Action(_("Add to calendar"), current_tenant().base_url + path)


def _service_url(booking: Booking) -> str:
    return f"{current_tenant().base_url}/services/{booking.service.slug}/"
