"""What a customer may still do, in words: the same sentence before booking, on the booking's page and in its letters."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.rules import request_expires_at, terms_of
from tenant_apps.bookings.selectors.phrases import city_of, moment_words
from tenant_apps.bookings.types import BookingStatus, Terms
from tenant_apps.catalog.types import ServiceDetails

_S = BookingStatus


def current_terms(booking: Booking, now: datetime) -> Terms:
    """What the customer of `booking` may still do at `now`."""
    return terms_of(
        status=booking.status,
        starts_at=booking.starts_at,
        cancel_notice_minutes=booking.cancel_notice_minutes,
        now=now,
    )


def terms_words(booking: Booking, *, zone: str, now: datetime) -> str:
    """What the customer may still do with `booking`, on the clock of `zone`; empty once it is closed."""
    terms = current_terms(booking, now)
    if booking.status == _S.PENDING and terms.can_cancel:
        return f"{_while_asked(booking.provider.display_name)} {_once_confirmed(terms, zone)}"
    if booking.status != _S.CONFIRMED:
        return ""
    if not terms.can_cancel:
        return _("This booking has begun and can no longer be moved or cancelled here.")
    return _since(terms, zone) if terms.is_notice_over else _until(terms, zone)


def offer_words(service: ServiceDetails, starts_at: datetime, *, zone: str, now: datetime) -> str:
    """What whoever books `starts_at` of `service` now may still do afterwards, on the clock of `zone`."""
    terms = terms_of(status=_S.CONFIRMED, starts_at=starts_at, cancel_notice_minutes=service.cancel_notice_minutes, now=now)
    if service.is_instant:
        return _never(terms, zone) if terms.is_notice_over else _until(terms, zone)
    return f"{_while_asked(service.provider.name)} {_once_confirmed(terms, zone)}"


def answer_words(service: ServiceDetails, starts_at: datetime, *, zone: str, now: datetime) -> str:
    """By when a request that is sent now is answered; empty where nobody is asked."""
    if service.is_instant:
        return ""
    due_at = request_expires_at(requested_at=now, starts_at=starts_at, now=now)
    words = {"provider": service.provider.name, "deadline": _moment(due_at, zone)}
    return _("%(provider)s answers by %(deadline)s. Without an answer the request lapses, and nothing is booked.") % words


def _until(terms: Terms, zone: str) -> str:
    text = _("You can move or cancel free of charge until %(deadline)s.")
    return text % _deadline(terms, zone)


def _since(terms: Terms, zone: str) -> str:
    text = _(
        "This booking can no longer be moved or cancelled free of charge: that was possible until %(deadline)s. "
        "You can still cancel, but it counts as late."
    )
    return text % _deadline(terms, zone)


def _never(terms: Terms, zone: str) -> str:
    text = _(
        "This time is so soon that the booking can no longer be moved or cancelled free of charge: that was possible until "
        "%(deadline)s. You can still cancel, but it counts as late."
    )
    return text % _deadline(terms, zone)


def _while_asked(provider: str) -> str:
    return _("You can move or withdraw the request until %(provider)s has answered.") % {"provider": provider}


def _once_confirmed(terms: Terms, zone: str) -> str:
    text = _("Once confirmed, you can move or cancel free of charge until %(deadline)s.")
    if terms.is_notice_over:
        text = _(
            "Once confirmed, it can no longer be moved or cancelled free of charge, for that ended on %(deadline)s; "
            "cancelling then counts as late."
        )
    return text % _deadline(terms, zone)


def _deadline(terms: Terms, zone: str) -> dict[str, str]:
    return {"deadline": _moment(terms.deadline_at, zone)}


def _moment(moment: datetime, zone: str) -> str:
    """With its clock named: who reads it in a mail sees no other clock around."""
    return _("%(moment)s, %(city)s time") % {"moment": moment_words(moment, zone=zone), "city": city_of(zone)}
