"""Giving a booking another time, in one step: at no moment has it two times or none (BOOKING row 10)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.events import publish
from tenant_apps.bookings.errors import SlotNotOffered, TooLate, WrongState
from tenant_apps.bookings.events import BookingMoved
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.permissions import CHANGE, require_party
from tenant_apps.bookings.rules import completes_at, local_text, request_expires_at, sentence_of_state
from tenant_apps.bookings.selectors.agreed import agreed_service
from tenant_apps.bookings.selectors.terms import current_terms
from tenant_apps.bookings.services.drafting import times_of
from tenant_apps.bookings.services.offering import nearest_free, require_offered, require_room_on_day, slot_taken
from tenant_apps.bookings.services.writing import change_times
from tenant_apps.bookings.types import BookingStatus, Party

_S = BookingStatus


def reschedule_booking(*, actor: Actor, booking: Booking, starts_at: datetime, now: datetime | None = None) -> Booking:
    """Move a request or a booking to `starts_at`, keeping what was agreed: price, length, state and calendar UID.

    The customer's side may until the deadline (rules.terms_of), to a time that the service offers; the provider's side may
    move to any free time ahead, outside opening hours too. The same time again changes nothing. Takes the provider's lock.

    After the commit BookingMoved leaves. Raises PermissionDenied, TooLate, WrongState, SlotNotOffered or SlotTaken (with
    the nearest free times).
    """
    now = now or clock.now()
    by = require_party(actor, booking, CHANGE, Party.CUSTOMER, Party.PROVIDER, Party.ORGANIZATION)
    if booking.status not in {_S.PENDING, _S.CONFIRMED}:
        raise WrongState(sentence_of_state(booking.status), status=booking.status)
    if starts_at == booking.starts_at:
        return booking
    _require_movable(booking, by, now)
    _require_possible(booking, by, starts_at, now)
    times = times_of(agreed_service(booking), starts_at)
    before_at = booking.starts_at
    with transaction.atomic():
        if by is Party.CUSTOMER:
            require_room_on_day(agreed_service(booking), starts_at, now=now, ignoring=booking)
        is_moved = change_times(
            booking,
            times,
            now=now,
            local_start=local_text(times.shown.start, booking.time_zone),
            due_at=_due_at(booking, times.shown.start, times.shown.end, now),
            sequence=booking.sequence + 1,
            moved_at=now,
            moved_from_at=before_at,
        )
        if is_moved:
            publish(BookingMoved(booking.public_id, booking.sequence, by, before_at))
    if not is_moved:
        raise slot_taken(agreed_service(booking), starts_at, now=now, ignoring=booking)
    return booking


def _require_movable(booking: Booking, by: Party, now: datetime) -> None:
    if by is Party.CUSTOMER and not current_terms(booking, now).can_move:
        raise TooLate(_("It is too late to move this booking here."))
    if now >= booking.ends_at:
        raise TooLate(_("This booking is over and can no longer be moved."))


def _require_possible(booking: Booking, by: Party, starts_at: datetime, now: datetime) -> None:
    if by is Party.CUSTOMER:
        require_offered(agreed_service(booking), starts_at, now=now, ignoring=booking)
        return
    if starts_at <= now:
        alternatives = nearest_free(agreed_service(booking), starts_at, now=now, ignoring=booking)
        raise SlotNotOffered(_("This time has passed."), reason="past", alternatives=alternatives)


def _due_at(booking: Booking, starts_at: datetime, ends_at: datetime, now: datetime) -> datetime:
    """When the moved booking changes by itself: the customer's patience with a request begins with the request."""
    if booking.status == _S.PENDING:
        assert booking.booked_at is not None  # booking_has_customer
        return request_expires_at(requested_at=booking.booked_at, starts_at=starts_at, now=now)
    return completes_at(ends_at)
