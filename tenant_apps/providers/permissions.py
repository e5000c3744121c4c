"""Which capabilities of members open which doors here."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from kernel.actor import Actor
from tenant_apps.providers.models import EDIT_ALL, VIEW_ALL, Provider
from tenant_apps.providers.models import own_condition as _own_condition

VIEW: Final = VIEW_ALL
EDIT: Final = EDIT_ALL
EDIT_OWN: Final = "providers.edit_own"


def require_edit(actor: Actor, provider: Provider) -> None:
    """Refuse an actor who may not change this profile (that it exists, they may know).

    Raises:
        PermissionDenied: neither theirs to edit nor one who edits all.
    """
    is_own = is_own_person(actor, provider.user_id)
    actor.require(EDIT_OWN if is_own and not actor.can(EDIT) else EDIT)


def is_own_person(actor: Actor, user_id: int | None) -> bool:
    """Whether `user_id`, a person of this marketplace, is the actor."""
    return actor.kind == "user" and user_id is not None and actor.user_id == user_id


def own_condition(actor: Actor, column: str) -> Q:
    """Rows whose `column` names the actor's own person; none for guests and operators."""
    return _own_condition(actor, column)
