"""Making a marketplace's keys, using them, and making them worthless."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from kernel import clock
from kernel.actor import Actor
from shared_apps.plans.services import require
from shared_apps.plans.types import API_ACCESS
from shared_apps.rest.keys import MintedKey, clean_name, clean_scopes, mint_text, note_use, revoke, secret_fields
from shared_apps.rest.types import KeyKind
from tenant_apps.api.models import ApiKey
from tenant_apps.api.selectors import key_behind, key_for
from tenant_apps.api.types import SCOPES
from tenants.scope import current_tenant


def create_key(*, actor: Actor, name: str, scopes: Iterable[str], now: datetime | None = None) -> MintedKey[ApiKey]:
    """A new key of the current marketplace. Its text is in the result and nowhere else.

    Raises:
        PermissionDenied, NotInPlan, UnknownScope, Invalid: the last two with the field to blame.
    """
    actor.require("settings.edit")
    require(API_ACCESS)
    text = mint_text(KeyKind.TENANT, current_tenant().slug)
    with transaction.atomic():
        key = ApiKey.objects.create(
            name=clean_name(name),
            scopes=clean_scopes(scopes, SCOPES),
            created_by=actor.label,
            created_at=now or clock.now(),
            **secret_fields(text),
        )
    return MintedKey(key, text)


def revoke_key(*, actor: Actor, key_id: UUID, now: datetime | None = None) -> ApiKey:
    """Make a key worthless from the next request on. A second time changes nothing.

    Raises:
        PermissionDenied, NoSuchKey.
    """
    key = key_for(key_id, actor=actor)
    revoke(key, now or clock.now())
    key.refresh_from_db()
    return key


def revoke_keys_made_until(moment: datetime, *, now: datetime | None = None) -> int:
    """Make every key worthless that was made at `moment` or before; tells how many. May be called again."""
    made = ApiKey.objects.filter(created_at__lte=moment, revoked_at=None)
    return made.update(revoked_at=now or clock.now())


def use_key(text: str, *, now: datetime | None = None) -> ApiKey | None:
    """The live key of this text, its use noted; None when there is none.

    Raises:
        NotInPlan: the key is good, but the organization's plan has no API (402).
    """
    key = key_behind(text)
    if key is None:
        return None
    require(API_ACCESS)
    note_use(key, now or clock.now())
    return key
