"""Reading a marketplace's keys."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from kernel.actor import Actor
from shared_apps.rest.errors import NoSuchKey
from shared_apps.rest.keys import find_live
from shared_apps.rest.types import KeyKind
from tenant_apps.api.models import ApiKey
from tenant_apps.api.rules import capabilities_of


def key_behind(text: str) -> ApiKey | None:
    """The live key of this text; None for one that is unknown, revoked, or of another marketplace (one query at most)."""
    return find_live(ApiKey.objects.all(), text, KeyKind.TENANT)


def actor_of_key(key: ApiKey) -> Actor:
    """Whom a key acts as: nobody in person, with the capabilities of its scopes."""
    return Actor("guest", None, f"API key {key.name}", capabilities_of(key.scopes))


def keys_for(*, actor: Actor) -> list[ApiKey]:
    """The marketplace's keys, the newest first (one query). No text is in them, only its end.

    Raises:
        PermissionDenied: not for this actor.
    """
    actor.require("settings.edit")
    return list(ApiKey.objects.order_by("-pk"))


def key_for(key_id: UUID, *, actor: Actor) -> ApiKey:
    """One key of the marketplace, revoked or not (one query).

    Raises:
        PermissionDenied: not for this actor.
        NoSuchKey: there is none.
    """
    actor.require("settings.edit")
    key = ApiKey.objects.filter(public_id=key_id).first()
    if key is None:
        raise NoSuchKey(_("There is no such key."))
    return key
