"""Marketplaces that have something to show."""

from __future__ import annotations

from django.db import transaction

from kernel.ids import new_id
from provisioning.schemas.replay import run_script
from provisioning.schemas.template import template_script
from tenant_apps.catalog.models import Category, Service
from tenant_apps.catalog.types import ServiceStatus
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import ProviderStatus
from tenants.models import Tenant
from tenants.schemas import schema_for
from tenants.scope import platform_scope, tenant_scope
from tests.factories.tenants import create_tenant

_SERVICES = 50


def make_market(slug: str, **fields: object) -> Tenant:
    """An organization with a schema of its own and fifty services."""
    tenant_id = new_id()
    with transaction.atomic():
        run_script(template_script(), schema_for(tenant_id))
    tenant = create_tenant(tenant_id, slug, **fields)
    with platform_scope(reason="bench"):
        context = tenant.as_context()
    with tenant_scope(context):
        fill_market()
    return tenant


def fill_market() -> None:
    """Fifty services of one provider in the current scope."""
    category = Category.objects.create(slug="bench", name="Bench")
    provider = Provider.objects.create(
        slug="bench", display_name="Bench", time_zone="Europe/London", status=ProviderStatus.LIVE
    )
    Service.objects.bulk_create(
        Service(
            provider=provider, category=category, slug=f"bench-{number}", title=f"Service {number}",
            price_minor=1000 + number, currency="GBP", duration_minutes=60, status=ServiceStatus.LIVE,
        )
        for number in range(_SERVICES)
    )  # fmt: skip
