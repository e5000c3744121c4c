"""What happens to a booking when nobody does anything: holds and requests lapse, bookings are done.

All of it may run at any time, in any number of workers at once, and again: each row is claimed by its lock and its state.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.db import transaction

from kernel import clock
from kernel.events import Event, publish
from kernel.locking import lock_free_rows
from tenant_apps.bookings.events import BookingCompleted, BookingLapsed
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.types import BookingStatus, Party

_BATCH: Final = 200


def expire_holds(*, now: datetime | None = None) -> int:
    """Let go of holds whose ten minutes are over; tells how many. Their times come free; nobody is told."""
    return _run_out(BookingStatus.HELD, BookingStatus.EXPIRED, now or clock.now(), None)


def expire_pending(*, now: datetime | None = None) -> int:
    """Let requests lapse that the provider did not answer in time; tells how many. BookingLapsed leaves for each."""
    return _run_out(BookingStatus.PENDING, BookingStatus.EXPIRED, now or clock.now(), BookingLapsed)


def complete_overdue(*, now: datetime | None = None) -> int:
    """Count bookings as done some hours after their end; tells how many. BookingCompleted leaves for each."""
    return _run_out(BookingStatus.CONFIRMED, BookingStatus.COMPLETED, now or clock.now(), BookingCompleted)


type _EventMaker = Callable[..., Event]


def _run_out(current: BookingStatus, after: BookingStatus, now: datetime, announce: _EventMaker | None) -> int:
    total = 0
    while changed := _run_out_some(current, after, now, announce):
        total += changed
    return total


def _run_out_some(current: BookingStatus, after: BookingStatus, now: datetime, announce: _EventMaker | None) -> int:
    with transaction.atomic():
        # Rows that somebody is just changing are left to them: they decide what becomes of the booking.
        rows = lock_free_rows(Booking.objects.due(current, now).only("public_id", "sequence"), at_most=_BATCH)
        closing = {"closed_at": now, "closed_by": Party.SYSTEM}
        Booking.objects.filter(pk__in=[row.pk for row in rows]).update(status=after, due_at=None, updated_at=now, **closing)
        if announce is not None:
            for row in rows:
                publish(announce(row.public_id, row.sequence, Party.SYSTEM))
    return len(rows)
