"""Log lines that name their scope."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from tenants.context import TenantContext
from tenants.scope import current_scope


def add_scope(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:  # Any: structlog's signature
    """Structlog processor: `tenant` (its id) and `slug`, or `scope` for the platform's work."""
    scope = current_scope()
    if isinstance(scope, TenantContext):
        event["tenant"] = str(scope.id)
        event["slug"] = scope.slug
    elif scope is not None:
        event["scope"] = scope.key
    return event
