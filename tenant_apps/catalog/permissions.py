"""Which capabilities of members open which doors here."""

from __future__ import annotations

from typing import Final

from kernel.actor import Actor
from tenant_apps.catalog.models import MANAGE_ALL

MANAGE: Final = MANAGE_ALL
EDIT_OWN: Final = "services.edit_own"
MANAGE_CATEGORIES: Final = "categories.manage"


def require_edit(actor: Actor, *, owner_id: int | None) -> None:
    """Refuse an actor who may not change services of the provider whose person is `owner_id`.

    Raises:
        PermissionDenied: neither theirs to edit nor a manager.
    """
    is_own = owner_id is not None and owner_id == actor.user_id
    actor.require(EDIT_OWN if is_own and not actor.can(MANAGE) else MANAGE)
