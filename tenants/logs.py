"""Structlog processors: a line names the scope that it was written in, and holds no secrets."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from kernel.scrubbing import scrubbed
from tenants.context import TenantContext
from tenants.scope import current_scope

Line = MutableMapping[str, Any]  # Any: a line carries whatever its writer put into it


def add_scope(_logger: object, _method: str, line: Line) -> Line:
    """`tenant` (its id) and `slug`, or `scope` and `reason` for work on the platform's tables (R3)."""
    scope = current_scope()
    if isinstance(scope, TenantContext):
        line["tenant"] = str(scope.id)
        line["slug"] = scope.slug
    elif scope is not None:
        line["scope"] = scope.key
        line.setdefault("reason", scope.reason)
    return line


def strike_secrets(_logger: object, _method: str, line: Line) -> Line:
    """The last one before the text is made, so that nothing comes after it."""
    return {name: scrubbed(name, value) if name != "_record" else value for name, value in line.items()}
