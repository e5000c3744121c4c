"""Who may set hours: those with the capability for everybody's, and a provider for their own."""

from __future__ import annotations

from typing import Final

from kernel.actor import Actor
from tenant_apps.availability.types import EditableProvider

EDIT: Final = "availability.edit"


def require_hours_of(actor: Actor, provider: EditableProvider) -> None:
    """Raise PermissionDenied unless the actor may set this provider's hours."""
    if not _is_own(actor, provider):
        actor.require(EDIT)


def require_blackouts(actor: Actor) -> None:
    """Raise PermissionDenied unless the actor may close the whole organization."""
    actor.require(EDIT)


def _is_own(actor: Actor, provider: EditableProvider) -> bool:
    # An operator's user_id is a row of another table: the same number is another person.
    return actor.kind == "user" and actor.user_id is not None and actor.user_id == provider.user_id
