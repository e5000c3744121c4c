"""Time in which the whole organization takes no bookings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.errors import Invalid, NotFound
from kernel.locking import lock_rows, lock_timeout
from tenant_apps.availability.models import Blackout
from tenant_apps.availability.permissions import require_blackouts
from tenant_apps.availability.rules import check_blackout, check_note, instants_of_days
from tenant_apps.availability.types import RemovedBlackout

_INSTANT: Final = timedelta(microseconds=1)


def add_blackout(
    *, actor: Actor, starts_at: datetime, ends_at: datetime, note: str = "", now: datetime | None = None
) -> Blackout:
    """Close `[starts_at, ends_at)` for all providers; bookings that are there stay. Blackouts may overlap.

    Raises PermissionDenied, Invalid for an end that is not after the start, InvalidHours for too long a note, and for time
    that has passed or lies too far ahead.
    """
    require_blackouts(actor)
    check_blackout_days(starts_at, ends_at, now=now)
    return Blackout.objects.create(starts_at=starts_at, ends_at=ends_at, note=check_note(note))


def check_blackout_days(starts_at: datetime, ends_at: datetime, *, now: datetime | None = None) -> None:
    """Raise Invalid for an end that is not after the start, InvalidHours for time that is over or too far ahead."""
    if ends_at <= starts_at:
        raise Invalid(_("The end must be after the start."), field="ends_at")
    check_blackout(starts_at, ends_at, now or clock.now())


def rezone_blackouts(*, actor: Actor, before: str, after: str, now: datetime | None = None) -> None:
    """Closed days stay the same days on another clock: whole days of the zone `before` become those of `after`.

    Those that have ended stay, and so do those that begin or end within a day. Raises PermissionDenied.
    """
    require_blackouts(actor)
    with transaction.atomic():
        for row in lock_rows(Blackout.objects.filter(ends_at__gt=now or clock.now())):
            first_on = row.starts_at.astimezone(ZoneInfo(before)).date()
            last_on = (row.ends_at - _INSTANT).astimezone(ZoneInfo(before)).date()
            if instants_of_days(first_on, last_on, before) == (row.starts_at, row.ends_at):
                row.starts_at, row.ends_at = instants_of_days(first_on, last_on, after)
                row.save(update_fields=["starts_at", "ends_at"])


def remove_blackout(*, actor: Actor, blackout_id: UUID) -> RemovedBlackout:
    """Take a blackout away, by its public id; the answer's fields are the arguments with which `add_blackout` undoes it.

    Raises PermissionDenied, or NotFound, also the second time.
    """
    require_blackouts(actor)
    with transaction.atomic(), lock_timeout():
        row = next(iter(lock_rows(Blackout.objects.filter(public_id=blackout_id))), None)
        if row is None:
            raise NotFound(_("This blackout does not exist any more."))
        row.delete()
    return RemovedBlackout(row.starts_at, row.ends_at, row.note)
