"""Brings the schemas of tenants to the version of the running code, one after the other, by the real migrations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import connection

from provisioning.locks import holding
from tenants.models import Tenant
from tenants.registry import update_tenant
from tenants.schemas import code_schema_version, migrate_schema
from tenants.scope import platform_scope
from tenants.types import TenantStatus

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FleetReport:
    """How many schemas were migrated, and why others could not be, by slug: those stay on their maintenance page."""

    migrated: int
    failed: Mapping[str, str]


def migrate_fleet() -> FleetReport:
    """Migrate every tenant that is behind. Goes on past a failure; may be called again, and by several at once."""
    migrated: int = 0
    failed: dict[str, str] = {}
    with holding("fleet"):
        for tenant_id, schema, slug in _behind():
            reason = _migrate(tenant_id, schema)
            if reason is None:
                migrated += 1
            else:
                failed[slug] = reason
    return FleetReport(migrated, failed)


def _behind() -> list[tuple[UUID, str, str]]:
    with platform_scope(reason="find tenants behind"):
        # An erased tenant has no schema, and migrating would make it anew.
        rows = Tenant.objects.exclude(schema_version=code_schema_version()).exclude(status=TenantStatus.ERASED)
        rows = rows.order_by("created_at")
        return list(rows.values_list("pk", "schema_name", "slug"))


def _migrate(tenant_id: UUID, schema: str) -> str | None:
    """None once the tenant is up to date, else why it is not."""
    try:
        migrate_schema(schema)
    except Exception as error:  # whatever a migration of one tenant's data raises, the others are not to wait for it
        log.exception("tenant not migrated", tenant=str(tenant_id), schema=schema)
        connection.close_if_unusable_or_obsolete()
        return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
    update_tenant(tenant_id=tenant_id, schema_version=code_schema_version())
    return None
