"""Which capabilities of members open which doors here."""

from __future__ import annotations

from typing import Final

from kernel.actor import Actor
from tenant_apps.providers.models import MANAGE_ALL, Provider

MANAGE: Final = MANAGE_ALL
EDIT_OWN: Final = "providers.edit_own"


def require_edit(actor: Actor, provider: Provider) -> None:
    """Refuse an actor who may not change this profile (that it exists, they may know).

    Raises:
        PermissionDenied: neither theirs to edit nor a manager.
    """
    is_own = provider.user_id is not None and provider.user_id == actor.user_id
    actor.require(EDIT_OWN if is_own and not actor.can(MANAGE) else MANAGE)
