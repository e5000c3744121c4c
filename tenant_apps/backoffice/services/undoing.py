"""Signed notes that an *Undo* button carries: what was there before, for this organization, its subject and an hour."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.core.signing import BadSignature
from django.utils.translation import gettext as _

from kernel.actor import Actor
from tenant_apps.availability.services import add_blackout, add_exception, set_weekly_hours
from tenant_apps.availability.types import ExceptionKind, RemovedBlackout, RemovedException, WeeklyHours
from tenant_apps.backoffice.errors import TooLateToUndo
from tenant_apps.providers.types import ProviderProfile
from tenants.signing import sign, unsign

_HOURS: Final = "backoffice.undo_hours"
_EXCEPTION: Final = "backoffice.undo_exception"
_BLACKOUT: Final = "backoffice.undo_blackout"
# A closed day is of the whole organization, which the signature names already.
_EVERYBODY: Final = ""
_LIFE: Final = timedelta(hours=1)


def token_for_hours(provider: ProviderProfile, before: tuple[WeeklyHours, ...]) -> str:
    """What `restore_hours` needs to bring a provider's week back."""
    return sign(_HOURS, [provider.public_id, [list(row) for row in before]])


def token_for_exception(provider: ProviderProfile, removed: RemovedException) -> str:
    """What `restore_exception` needs to bring a removed date back."""
    return sign(_EXCEPTION, [provider.public_id, removed.on_date.isoformat(), *removed[1:]])


def token_for_blackout(removed: RemovedBlackout) -> str:
    """What `restore_blackout` needs to close the days again."""
    return sign(_BLACKOUT, [_EVERYBODY, removed.starts_at.isoformat(), removed.ends_at.isoformat(), removed.note])


def restore_hours(*, actor: Actor, provider: ProviderProfile, token: str) -> None:
    """Set the week that stood before. May be called twice.

    Raises:
        TooLateToUndo: the note is damaged, of another provider, or older than an hour.
        PermissionDenied: the actor may not set these hours.
    """
    (rows,) = _read(_HOURS, token, provider.public_id)
    set_weekly_hours(actor=actor, provider=provider, windows=[(day, start, end) for day, start, end in rows])


def restore_exception(*, actor: Actor, provider: ProviderProfile, token: str) -> None:
    """Bring a removed date back. A second time raises Conflict: it is there.

    Raises:
        TooLateToUndo: the note is damaged, of another provider, or older than an hour.
        PermissionDenied, InvalidHours: the actor may not set these hours, or the date has passed.
    """
    on_date, kind, starts_minute, ends_minute, note = _read(_EXCEPTION, token, provider.public_id)
    add_exception(
        actor=actor,
        provider=provider,
        on_date=date.fromisoformat(on_date),
        kind=ExceptionKind(kind),
        starts_minute=starts_minute,
        ends_minute=ends_minute,
        note=note,
    )


def restore_blackout(*, actor: Actor, token: str) -> None:
    """Close removed days again. A second time closes them twice, which is no different.

    Raises:
        TooLateToUndo: the note is damaged, or older than an hour.
        PermissionDenied: the actor may not close the organization.
    """
    starts_at, ends_at, note = _read(_BLACKOUT, token, _EVERYBODY)
    add_blackout(actor=actor, starts_at=datetime.fromisoformat(starts_at), ends_at=datetime.fromisoformat(ends_at), note=note)


def _read(purpose: str, token: str, subject: str) -> list[Any]:  # Any: what JSON can carry
    try:
        found, values = _split(unsign(purpose, token, max_age=_LIFE))
    except BadSignature as error:
        raise _too_late() from error
    if found != subject:
        raise _too_late()
    return values


def _split(payload: list[Any]) -> tuple[str, list[Any]]:  # Any: as above
    return payload[0], payload[1:]


def _too_late() -> TooLateToUndo:
    return TooLateToUndo(_("This can no longer be undone here. Set it anew by hand."))
