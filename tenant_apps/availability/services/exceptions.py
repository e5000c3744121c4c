"""Dates on which a provider's hours differ."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.errors import Conflict, NotFound
from kernel.locking import lock_rows, lock_timeout
from tenant_apps.availability.models import DateException
from tenant_apps.availability.permissions import require_hours_of
from tenant_apps.availability.rules import check_exception_date, check_minutes, check_note, parse_local
from tenant_apps.availability.services.holding import holding_hours_of
from tenant_apps.availability.types import MINUTES_A_DAY, EditableProvider, ExceptionKind, RemovedException, instant_of


def add_exception(
    *,
    actor: Actor,
    provider: EditableProvider,
    on_date: date,
    kind: ExceptionKind,
    starts_minute: int = 0,
    ends_minute: int = MINUTES_A_DAY,
    note: str = "",
    now: datetime | None = None,
) -> DateException:
    """Open or close a stretch of one date; the whole of it, where no minutes are given.

    Raises PermissionDenied, InvalidHours, SkippedTime for hours that begin where the clocks jump, or Conflict where the date
    already has a row of that kind that overlaps. Existing bookings stay as they are. Holds the provider's hours, and raises
    Busy where somebody else does so for 3 seconds.
    """
    require_hours_of(actor, provider)
    check_exception_day(on_date, provider=provider, now=now)
    check_exception_stretch(on_date, kind, starts_minute, ends_minute, provider=provider)
    tidy_note = check_note(note)
    with transaction.atomic(), holding_hours_of(provider.pk):
        check_exception_is_free(on_date, kind, starts_minute, ends_minute, provider=provider)
        return DateException.objects.create(
            provider_id=provider.pk,
            on_date=on_date,
            kind=kind,
            starts_minute=starts_minute,
            ends_minute=ends_minute,
            note=tidy_note,
        )


def check_exception_day(on_date: date, *, provider: EditableProvider, now: datetime | None = None) -> None:
    """Raise InvalidHours for a date that is over for the provider, or too far ahead; blames `on_date`."""
    check_exception_date(on_date, provider.time_zone, instant_of(now or clock.now()))


def check_exception_stretch(
    on_date: date, kind: ExceptionKind, starts_minute: int, ends_minute: int, *, provider: EditableProvider
) -> None:
    """Raise InvalidHours for minutes that are no stretch of a day, SkippedTime for hours that begin where the clocks jump.

    Both blame `starts_minute`.
    """
    check_minutes(starts_minute, ends_minute, field="starts_minute")
    if kind is ExceptionKind.OPEN and starts_minute:
        # Midnight means "the whole day", also where the day begins later. Hours that begin when no clock shows it are a
        # slip; only the regular week passes over that hour in silence, as it must.
        parse_local(on_date, time(*divmod(starts_minute, 60)), provider.time_zone, 0, field="starts_minute")


def check_exception_is_free(
    on_date: date, kind: ExceptionKind, starts_minute: int, ends_minute: int, *, provider: EditableProvider
) -> None:
    """Raise Conflict where the date has an overlapping row of that kind; blames `on_date`. Only who holds the hours is sure."""
    overlapping = DateException.objects.filter(
        provider_id=provider.pk, on_date=on_date, kind=kind, starts_minute__lt=ends_minute, ends_minute__gt=starts_minute
    )
    if overlapping.exists():
        raise Conflict(_("This date already has an exception that overlaps with this one."), field="on_date")


def remove_exception(*, actor: Actor, provider: EditableProvider, exception_id: UUID) -> RemovedException:
    """Take a dated exception away, by its public id.

    The answer's fields are the arguments with which `add_exception` undoes it: `add_exception(…, **removed._asdict())`.
    Raises PermissionDenied, or NotFound where the provider has no such exception, also the second time.
    """
    require_hours_of(actor, provider)
    with transaction.atomic(), lock_timeout():
        found = lock_rows(DateException.objects.filter(provider_id=provider.pk, public_id=exception_id))
        row = found[0] if found else None
        if row is None:
            raise NotFound(_("This exception does not exist any more."))
        row.delete()
    return RemovedException(row.on_date, ExceptionKind(row.kind), row.starts_minute, row.ends_minute, row.note)
