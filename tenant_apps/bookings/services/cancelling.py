"""Calling a booking off, from either side."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.events import publish
from tenant_apps.bookings.errors import TooLate
from tenant_apps.bookings.events import BookingCancelled
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.permissions import CHANGE, require_party
from tenant_apps.bookings.rules import may_follow
from tenant_apps.bookings.selectors.terms import current_terms
from tenant_apps.bookings.services.deciding import tidy_reason
from tenant_apps.bookings.services.writing import change_status
from tenant_apps.bookings.types import BookingStatus, Party, Terms

_S = BookingStatus


def cancel_booking(*, actor: Actor, booking: Booking, reason: str = "", now: datetime | None = None) -> Booking:
    """Call a request or a booking off; its time is free at once. By its customer (signed in or with the link), the
    provider or the organization: which of them is kept as `closed_by`.

    The customer's side may until it begins, late after the deadline (rules.terms_of); the provider's side until it ends.
    A second time changes nothing. After the commit BookingCancelled leaves. Raises PermissionDenied, TooLate, WrongState.
    """
    now = now or clock.now()
    by = require_party(actor, booking, CHANGE, Party.CUSTOMER, Party.PROVIDER, Party.ORGANIZATION)
    terms = current_terms(booking, now)
    if may_follow(booking.status, _S.CANCELLED):
        _require_in_time(booking, by, terms, now)
    closing: dict[str, object] = {
        "closed_at": now,
        "closed_by": by,
        "closed_reason": tidy_reason(reason),
        "due_at": None,
        "sequence": booking.sequence + 1,
    }
    with transaction.atomic():
        if change_status(booking, _S.CANCELLED, from_=(_S.PENDING, _S.CONFIRMED), now=now, **closing):
            is_late = by is Party.CUSTOMER and terms.is_late
            publish(BookingCancelled(booking.public_id, booking.sequence, by, booking.closed_reason, is_late))
    return booking


def _require_in_time(booking: Booking, by: Party, terms: Terms, now: datetime) -> None:
    if by is Party.CUSTOMER and not terms.can_cancel:
        raise TooLate(_("This booking has begun and can no longer be cancelled here."))
    if now >= booking.ends_at:
        raise TooLate(_("This booking is over and can no longer be cancelled."))
