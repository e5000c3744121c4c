"""Two organizations that look alike to the last row, so that a missing boundary changes a result."""

from __future__ import annotations

from uuid import UUID

from provisioning.schemas.template import ensure_template
from tenants.models import Domain, Tenant
from tenants.schemas import code_schema_version, migrate_public, migrate_schema, schema_for
from tenants.scope import platform_scope
from tenants.types import DomainState, TenantStatus

ALPHA_ID = UUID("01900000-0000-7000-8000-00000000000a")
BETA_ID = UUID("01900000-0000-7000-8000-00000000000b")


def create_twins() -> None:
    """Migrate an empty database and put the tenants `alpha` and `beta` into it."""
    migrate_public()
    ensure_template()
    for tenant_id, slug in ((ALPHA_ID, "alpha"), (BETA_ID, "beta")):
        migrate_schema(schema_for(tenant_id))
        create_tenant(tenant_id, slug)


def create_tenant(tenant_id: UUID, slug: str, **fields: object) -> Tenant:
    """The registry's rows of an active organization; its schema is the caller's business."""
    defaults: dict[str, object] = {
        "id": tenant_id,
        "schema_name": schema_for(tenant_id),
        "slug": slug,
        "name": "Twin Market",
        "status": TenantStatus.ACTIVE,
        "kind": "home_services",
        "plan_code": "studio",
        "entitlements": dict.fromkeys(("max_providers", "max_services", "bookings_per_month", "storage_megabytes"))
        | {"api_access": True},
        "locale": "en-GB",
        "currency": "GBP",
        "time_zone": "Europe/London",
        "theme_package": "base",
        "schema_version": code_schema_version(),
        "owner_email": "owner@twin.example",
    }
    with platform_scope(reason="factory"):
        tenant = Tenant.objects.create(**(defaults | fields))
        Domain.objects.create(tenant=tenant, host=f"{slug}.localhost", is_primary=True, state=DomainState.LIVE)
    return tenant
