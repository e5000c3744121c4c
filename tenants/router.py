"""Which app's tables belong in which schema, and a guard on relations that are followed in a foreign scope."""

from __future__ import annotations

from typing import Any

from django.db import models
from django_tenants.routers import TenantSyncRouter

from tenants.scope import current_scope
from tenants.stamp import refuse_foreign


class TenantRouter(TenantSyncRouter):  # type: ignore[misc]  # django-tenants is untyped
    """django-tenants' rule for migrations, and ours for reads through an instance."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:  # Any: Django's own signature
        """The alias of the current scope's database; refuses an instance of another scope (a lazy relation)."""
        del model
        instance = hints.get("instance")
        if instance is not None and current_scope() is not None:
            refuse_foreign(instance)
        return None

    db_for_write = db_for_read
