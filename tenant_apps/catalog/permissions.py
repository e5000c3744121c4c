"""Which capabilities of members open which doors here."""

from __future__ import annotations

from typing import Final

from kernel.actor import Actor
from tenant_apps.catalog.models import EDIT_ALL
from tenant_apps.providers.permissions import is_own_person

EDIT: Final = EDIT_ALL
EDIT_OWN: Final = "services.edit_own"
EDIT_CATEGORIES: Final = "categories.edit"


def require_edit(actor: Actor, *, owner_id: int | None) -> None:
    """Refuse an actor who may not change services of the provider whose person is `owner_id`.

    Raises:
        PermissionDenied: neither theirs to edit nor one who edits all.
    """
    is_own = is_own_person(actor, owner_id)
    actor.require(EDIT_OWN if is_own and not actor.can(EDIT) else EDIT)
