"""The three ways in which bookings are written: take a time, change a state, change the time. All inside a transaction.

Why nothing here can deadlock (the order of kernel.locking: advisory locks, then rows by primary key):

- Taking a time is an `INSERT … ON CONFLICT DO NOTHING`, which leaves nothing behind when it loses. It waits for a rival's
  transaction only while it holds nothing that the rival could want: lapsed holds, released in the order of their keys.
- An update that keeps or changes the occupied ranges is checked against rivals *after* its new version is in the index.
  Two such updates, each in the other's way, would wait for each other; so they take the provider's lock first.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from kernel.db import insert_or_none
from kernel.locking import lock_named, lock_rows, lock_timeout
from tenant_apps.bookings.errors import WrongState
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.rules import sentence_of_state
from tenant_apps.bookings.types import OCCUPYING, BookedTimes, BookingStatus

_EXCLUSION_VIOLATION = "23P01"


def lock_providers(*provider_ids: int) -> None:
    """Wait for the right to change occupied ranges of these providers, until the transaction ends. Busy after a while."""
    with lock_timeout():
        for name in sorted({f"bookings.provider:{provider_id}" for provider_id in provider_ids}):
            lock_named(name)


def take(row: Booking, times: BookedTimes, *, now: datetime, own_hold: Booking | None = None) -> Booking | None:
    """Insert `row` if its ranges are free, else None; lapsed holds in the way, and `own_hold`, are released for it.

    With `own_hold`, its provider must be locked: others may wait for its range while this waits for theirs.
    """
    row.time_and_after = (times.time_and_after.start, times.time_and_after.end)
    row.before_and_time = (times.before_and_time.start, times.before_and_time.end)
    if own_hold is None and insert_or_none(row) is not None:
        # Mostly nothing is in the way, and one statement is enough.
        return row
    released = release_holds(row.provider_id, times, now=now, also=own_hold)
    return insert_or_none(row) if released or own_hold else None


def release_holds(provider_id: int, times: BookedTimes, *, now: datetime, also: Booking | None = None) -> int:
    """Let go of the lapsed holds that collide with `times`, and of the hold `also`; tells how many went."""
    going = Booking.objects.in_the_way_of(provider_id, times).due(BookingStatus.HELD, now)
    if also is not None:
        going |= Booking.objects.filter(pk=also.pk, status=BookingStatus.HELD)
    with lock_timeout():
        # In the order of their keys, so that two who release the same holds queue up instead of blocking each other.
        locked = [row.pk for row in lock_rows(going.only("pk"))]
    if not locked:
        return 0
    return Booking.objects.filter(pk__in=locked).update(status=BookingStatus.EXPIRED, due_at=None, updated_at=now)


def change_status(
    booking: Booking,
    to: BookingStatus,
    *,
    from_: tuple[BookingStatus, ...],
    now: datetime,
    **changes: object,
) -> bool:
    """Move `booking` to the state `to` and apply `changes`, if it is in one of `from_` and nobody changed it since it was read.

    False, with nothing changed, when it already is in that state: asking twice is no error. Raises WrongState when it is in
    any other, or when its time was changed meanwhile. One statement decides, so of two who try at once one wins.
    """
    if OCCUPYING.count(to):
        lock_providers(booking.provider_id)
    unchanged = Booking.objects.filter(pk=booking.pk, status__in=from_, sequence=booking.sequence)
    values = {"status": to, "updated_at": now, **changes}
    if unchanged.update(**values):
        for name, value in values.items():
            setattr(booking, name, value)
        return True
    current = Booking.objects.only("status", "sequence").get(pk=booking.pk)
    if current.status == to and current.sequence == booking.sequence + int("sequence" in changes):
        booking.status = to
        return False
    raise WrongState(sentence_of_state(current.status), status=current.status)


def change_times(booking: Booking, times: BookedTimes, *, now: datetime, **changes: object) -> bool:
    """Give `booking` the ranges of `times` in one step; False when somebody else has them.

    Opens its own transaction, since a refused update breaks the one it runs in. Raises WrongState when the booking is not
    as it was read.
    """
    values: dict[str, object] = {
        "starts_at": times.shown.start,
        "ends_at": times.shown.end,
        "time_and_after": (times.time_and_after.start, times.time_and_after.end),
        "before_and_time": (times.before_and_time.start, times.before_and_time.end),
        "updated_at": now,
        **changes,
    }
    unchanged = Booking.objects.filter(pk=booking.pk, status=booking.status, sequence=booking.sequence)
    try:
        with transaction.atomic():
            lock_providers(booking.provider_id)
            release_holds(booking.provider_id, times, now=now)
            found = unchanged.update(**values)
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", None) != _EXCLUSION_VIOLATION:
            raise
        return False
    if not found:
        current = Booking.objects.only("status").get(pk=booking.pk)
        raise WrongState(sentence_of_state(current.status), status=current.status)
    for name, value in values.items():
        setattr(booking, name, value)
    return True


def attempt_named(hold_key: UUID | None) -> Booking | None:
    """The live hold or booking that this attempt has led to so far."""
    if hold_key is None:
        return None
    return Booking.objects.select_related("provider", "service").filter(hold_key=hold_key, status__in=OCCUPYING).first()
