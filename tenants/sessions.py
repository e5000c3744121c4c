"""Database sessions that name their scope and are refused in any other."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from tenants.scope import require_scope

_CLAIM = "_scope"


class SessionStore(DatabaseStore):
    """The row lies in the tenant's schema already; the claim catches rows that were copied with it (a clone, a restore)."""

    def load(self) -> dict[str, Any]:  # Any: Django's own signature
        stored = super().load()
        if stored and stored.get(_CLAIM) != require_scope().key:
            self._session_key = None
            return {}
        return stored

    def create_model_instance(self, data: dict[str, Any]) -> Any:  # Any: Django's own signature
        return super().create_model_instance(data | {_CLAIM: require_scope().key})
