"""Which app's tables belong in which schema, whose cluster a query goes to, and a guard on relations in a foreign scope."""

from __future__ import annotations

from typing import Any

from django.db import models
from django_tenants.routers import TenantSyncRouter

from tenants.clusters import DEFAULT, clusters
from tenants.scope import current_scope
from tenants.stamp import refuse_foreign


class TenantRouter(TenantSyncRouter):  # type: ignore[misc]  # django-tenants is untyped
    """django-tenants' rule for migrations, and ours for reads through an instance."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:  # Any: Django's own signature
        """The alias of the current scope's database; refuses an instance of another scope (a lazy relation)."""
        del model
        scope = current_scope()
        if scope is None:
            return None
        instance = hints.get("instance")
        if instance is not None:
            refuse_foreign(instance)
        return scope.database

    db_for_write = db_for_read

    def allow_migrate(
        self, db: str, app_label: str, model_name: str | None = None, **hints: Any
    ) -> bool | None:  # Any: as above
        """The library's rule, which knows one cluster: what belongs in a schema does so in each."""
        if db not in clusters():
            return False
        allowed: bool | None = super().allow_migrate(DEFAULT, app_label, model_name, **hints)
        return allowed
