"""What the scopes of a marketplace's keys allow; pure."""

from __future__ import annotations

from collections.abc import Iterable

from tenant_apps.api.types import SCOPES


def capabilities_of(scopes: Iterable[str]) -> frozenset[str]:
    """All that these scopes allow together; a scope that this code no longer knows allows nothing."""
    return frozenset[str]().union(*(SCOPES.get(scope, frozenset()) for scope in scopes))
