"""Pictures of the brand for marketplaces that never had any: those from before there were such pictures."""

from __future__ import annotations

from django.db import transaction

from kernel.events import publish
from tenant_apps.backoffice.events import LookChanged
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.types import TenantStatus


def ask_for_missing_pictures() -> int:
    """Let the workers draw what is missing; for how many marketplaces. Again before they did: they look, and draw once."""
    with platform_scope(reason="marketplaces without pictures"):
        rows = Tenant.objects.filter(status=TenantStatus.ACTIVE, brand_kit="").prefetch_related("domains")
        tenants = [row.as_context() for row in rows]
    for tenant in tenants:
        with tenant_scope(tenant), transaction.atomic():
            publish(LookChanged(tenant_id=tenant.id))
    return len(tenants)
