"""What operators may do. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from shared_apps.operators.types import SCOPES, OperatorRole

_AUDITOR: Final = frozenset(
    {
        "console.enter",
        "tenants.view",
        "runs.view",
        "plans.view",
        "business.view",
        "audit.view",
        "outbox.view",
        "fleet.view",
        "themes.view",
    }
)
_SUPPORT: Final = _AUDITOR | {"runs.retry", "tenants.suspend", "outbox.replay", "fleet.manage"}
_ADMIN: Final = _SUPPORT | {
    "runs.undo",
    "outbox.cancel",
    "tenants.create",
    "tenants.edit",
    "tenants.delete",
    # Apart from the right to close: what is erased cannot be opened again.
    "tenants.erase",
    "domains.edit",
    "plans.edit",
    # Templates of a package run on the server.
    "themes.manage",
    "pool.manage",
    "operators.manage",
}

CAPABILITIES: Final[Mapping[OperatorRole, frozenset[str]]] = {
    OperatorRole.ADMIN: _ADMIN,
    OperatorRole.SUPPORT: _SUPPORT,
    OperatorRole.AUDITOR: _AUDITOR,
}

# How fresh a password must be for what cannot be taken back.
RECENT: Final = timedelta(minutes=10)


def key_capabilities(role: OperatorRole, scopes: Iterable[str]) -> frozenset[str]:
    """What a key may do: what both its scopes and its operator's role allow."""
    named = frozenset[str]().union(*(SCOPES.get(scope, frozenset()) for scope in scopes))
    return CAPABILITIES[role] & named
