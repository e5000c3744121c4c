"""API keys: how their text is made, kept, found again and made worthless (R48)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kernel.errors import Invalid
from shared_apps.rest.errors import UnknownScope
from shared_apps.rest.models import ApiKeyFields
from shared_apps.rest.types import KeyKind
from tenants.signing import keyed_hash, keyed_hashes

_PURPOSE: Final = "api.key"
_RANDOM_BYTES: Final = 24
_TEXT: Final = re.compile(r"stoa_(tenant|operator)_[a-z0-9-]{1,63}_[0-9a-f]{48}")
_HINT_LENGTH: Final = 4
_LONGEST_NAME: Final = 80
# A key in steady use is written to once a minute, not at every request.
_NOTED_FOR: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MintedKey[K: ApiKeyFields]:
    """A new key with its text, which is nowhere else and never shown again."""

    key: K
    text: str


def mint_text(kind: KeyKind, place: str) -> str:
    """A fresh text: `stoa_<kind>_<place>_<random>`. Kind and place help people (and scanners for leaked keys), nothing else."""
    return f"stoa_{kind.value}_{place}_{secrets.token_hex(_RANDOM_BYTES)}"


def secret_fields(text: str) -> dict[str, str]:
    """What is stored of a text."""
    return {"secret_hash": keyed_hash(_PURPOSE, text), "hint": text[-_HINT_LENGTH:]}


def find_live[K: ApiKeyFields](keys: QuerySet[K], text: str, kind: KeyKind) -> K | None:
    """The key of this text in the current scope, unless revoked. Texts that cannot be one cost no query."""
    found = _TEXT.fullmatch(text)
    if found is None or found[1] != kind.value:
        return None
    return keys.filter(secret_hash__in=keyed_hashes(_PURPOSE, text), revoked_at=None).first()


def note_use(key: ApiKeyFields, now: datetime) -> None:
    """Remember that the key was used, to the minute."""
    if key.last_used_at is not None and now - key.last_used_at < _NOTED_FOR:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - _NOTED_FOR)
    type(key)._default_manager.filter(stale, pk=key.pk).update(last_used_at=now)  # noqa: SLF001  # Django's public-by-use name


def revoke(key: ApiKeyFields, now: datetime) -> bool:
    """Make the key worthless from the next request on; False when it was already."""
    live = type(key)._default_manager.filter(pk=key.pk, revoked_at=None)  # noqa: SLF001  # as above
    return bool(live.update(revoked_at=now))


def clean_name(name: str) -> str:
    """What somebody calls a key.

    Raises:
        Invalid: nothing, or too much.
    """
    tidy = " ".join(name.split())
    if not 0 < len(tidy) <= _LONGEST_NAME:
        raise Invalid(_("Give the key a name of at most %(limit)s characters.") % {"limit": _LONGEST_NAME}, field="name")
    return tidy


def clean_scopes(scopes: Iterable[str], known: Collection[str]) -> list[str]:
    """The scopes, each once and in order.

    Raises:
        UnknownScope: one is not `known`, or there is none.
    """
    asked = sorted(set(scopes))
    if not asked or set(asked) - set(known):
        raise UnknownScope(_("Choose from these scopes: %(known)s.") % {"known": ", ".join(sorted(known))}, field="scope")
    return asked
