"""Keeping a time for ten minutes while somebody fills in their name (BOOKING row 4)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.zones import is_zone
from tenant_apps.bookings.errors import AttemptSpent, SlotTaken
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.rules import hold_expires_at
from tenant_apps.bookings.services.drafting import draft, times_of
from tenant_apps.bookings.services.limits import require_room_in_plan
from tenant_apps.bookings.services.offering import require_bookable, require_offered, require_room_on_day, slot_taken
from tenant_apps.bookings.services.writing import attempt_named, lock_providers, take
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.types import ServiceDetails


def hold_slot(
    *,
    actor: Actor,
    service: ServiceDetails,
    starts_at: datetime,
    hold_key: UUID,
    customer_time_zone: str = "",
    now: datetime | None = None,
) -> Booking:
    """Keep `starts_at` of `service` for ten minutes for whoever knows `hold_key`.

    Asking again with the same key and time gives the same hold, its clock running on; with another time or service it
    moves: the old time comes free exactly if the new one is got. Lapsed holds in the way are released.

    Raises NotBookable, LimitReached where this month takes no more bookings, SlotNotOffered or SlotTaken (with the nearest
    free times), AttemptSpent when the key has already led to a booking.
    """
    del actor  # anybody may look at times, and a hold has no customer yet
    now = now or clock.now()
    own = attempt_named(hold_key)
    if own is not None and own.status != BookingStatus.HELD:
        raise AttemptSpent(_("You have already booked with this page. Start again to book another time."))
    if own is not None and is_live_hold_of(own, service, starts_at, now):
        return own
    require_bookable(service)
    require_room_in_plan(now=now)
    try:
        return _take_hold(service, starts_at, hold_key, customer_time_zone, now=now, own=own)
    except SlotTaken:
        # Lost: to somebody else, or to one's own double click a moment ago.
        winner = attempt_named(hold_key)
        if winner is not None and is_live_hold_of(winner, service, starts_at, now):
            return winner
        raise


def require_slot(
    *, service: ServiceDetails, starts_at: datetime, hold_key: UUID | None = None, now: datetime | None = None
) -> None:
    """Raise what `hold_slot` would raise now, changing nothing: for a page that is about to ask for a name."""
    now = now or clock.now()
    own = attempt_named(hold_key)
    if own is not None and is_live_hold_of(own, service, starts_at, now):
        return
    require_bookable(service)
    require_room_in_plan(now=now)
    require_offered(service, starts_at, now=now, ignoring=own)


def is_live_hold_of(booking: Booking, service: ServiceDetails, starts_at: datetime, now: datetime) -> bool:
    """Whether `booking` holds exactly this time of this service, and still does at `now`."""
    assert booking.due_at is not None  # booking_open_has_end
    is_same = booking.service_id == service.pk and booking.starts_at == starts_at
    return is_same and booking.status == BookingStatus.HELD and booking.due_at > now


def _take_hold(
    service: ServiceDetails, starts_at: datetime, hold_key: UUID, zone: str, *, now: datetime, own: Booking | None
) -> Booking:
    require_offered(service, starts_at, now=now, ignoring=own)
    row = draft(service, starts_at, status=BookingStatus.HELD, now=now)
    row.hold_key = hold_key
    row.due_at = hold_expires_at(now)
    if is_zone(zone):
        row.customer_time_zone = zone
    with transaction.atomic():
        if own is not None:
            lock_providers(own.provider_id, service.provider.pk)
        require_room_on_day(service, starts_at, now=now, ignoring=own)
        held = take(row, times_of(service, starts_at), now=now, own_hold=own)
        if held is None:
            # The old hold, released in this transaction, must come back.
            transaction.set_rollback(True)
    if held is None:
        raise slot_taken(service, starts_at, now=now, ignoring=own)
    return held
