"""What the provider's side says to a booking: yes, no, they came, they did not."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.events import publish
from tenant_apps.bookings.errors import TooEarly, WrongState
from tenant_apps.bookings.events import BookingCompleted, BookingConfirmed, BookingDeclined, BookingMissed
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.permissions import DECIDE, require_party
from tenant_apps.bookings.rules import completes_at, sentence_of_state
from tenant_apps.bookings.services.writing import change_status
from tenant_apps.bookings.types import BookingStatus, Party

_S = BookingStatus
_STAFF = (Party.PROVIDER, Party.ORGANIZATION)


def confirm_booking(
    *, actor: Actor, booking: Booking, seen_sequence: int | None = None, now: datetime | None = None
) -> Booking:
    """Say yes to a request. By the provider or the organization.

    `seen_sequence` is the booking's `sequence` on the page where the button was pressed: a request that the customer has
    moved since is not agreed to unread. A second yes changes nothing and sends nothing. After the commit BookingConfirmed
    leaves. Raises PermissionDenied, WrongState.
    """
    now = now or clock.now()
    by = require_party(actor, booking, DECIDE, *_STAFF)
    _require_seen(booking, seen_sequence)
    if booking.status == _S.PENDING and booking.due_at is not None and booking.due_at <= now:
        raise WrongState(sentence_of_state(_S.EXPIRED), status=booking.status)
    with transaction.atomic():
        due_at = completes_at(booking.ends_at)
        if change_status(booking, _S.CONFIRMED, from_=(_S.PENDING,), now=now, decided_at=now, due_at=due_at):
            publish(BookingConfirmed(booking.public_id, booking.sequence, by, was_requested=True))
    return booking


def decline_booking(
    *, actor: Actor, booking: Booking, reason: str = "", seen_sequence: int | None = None, now: datetime | None = None
) -> Booking:
    """Say no to a request; its time is free at once. By the provider or the organization. `reason` goes to the customer.

    A second no changes nothing. After the commit BookingDeclined leaves. Raises PermissionDenied, WrongState.
    """
    now = now or clock.now()
    by = require_party(actor, booking, DECIDE, *_STAFF)
    _require_seen(booking, seen_sequence)
    closing = {"decided_at": now, "closed_at": now, "closed_by": by, "closed_reason": tidy_reason(reason), "due_at": None}
    with transaction.atomic():
        if change_status(booking, _S.DECLINED, from_=(_S.PENDING,), now=now, **closing):
            publish(BookingDeclined(booking.public_id, booking.sequence, by, booking.closed_reason))
    return booking


def complete_booking(*, actor: Actor, booking: Booking, now: datetime | None = None) -> Booking:
    """Say that the booking has taken place, also of one marked as missed by mistake. By the provider's side.

    Raises PermissionDenied, TooEarly before it begins, WrongState. A second time changes nothing.
    """
    now = now or clock.now()
    by = require_party(actor, booking, DECIDE, *_STAFF)
    _require_begun(booking, now)
    with transaction.atomic():
        if change_status(
            booking, _S.COMPLETED, from_=(_S.CONFIRMED, _S.NO_SHOW), now=now, closed_at=now, closed_by=by, due_at=None
        ):
            publish(BookingCompleted(booking.public_id, booking.sequence, by))
    return booking


def mark_no_show(*, actor: Actor, booking: Booking, now: datetime | None = None) -> Booking:
    """Say that the customer did not come, also of a booking that counted as done. By the provider's side.

    Raises PermissionDenied, TooEarly before it begins, WrongState. A second time changes nothing.
    """
    now = now or clock.now()
    by = require_party(actor, booking, DECIDE, *_STAFF)
    _require_begun(booking, now)
    with transaction.atomic():
        if change_status(
            booking, _S.NO_SHOW, from_=(_S.CONFIRMED, _S.COMPLETED), now=now, closed_at=now, closed_by=by, due_at=None
        ):
            publish(BookingMissed(booking.public_id, booking.sequence, by))
    return booking


def tidy_reason(reason: str) -> str:
    """A reason as it is kept and mailed: in one piece, 500 characters at most."""
    return " ".join(reason.split())[:500]


def _require_seen(booking: Booking, seen_sequence: int | None) -> None:
    if seen_sequence is not None and seen_sequence != booking.sequence:
        raise WrongState(_("The customer has changed this booking meanwhile. Please look again."), status=booking.status)


def _require_begun(booking: Booking, now: datetime) -> None:
    if now < booking.starts_at:
        raise TooEarly(_("This booking has not begun yet."))
