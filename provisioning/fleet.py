"""Brings the schemas of tenants to the version of the running code, one after the other, by the real migrations."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import structlog
from django.db import DatabaseError

from provisioning.locks import holding
from tenants.models import Tenant
from tenants.registry import update_tenant
from tenants.schemas import code_schema_version, migrate_schema
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FleetReport:
    """How many schemas were migrated, and the slugs of those that could not be: they stay on their maintenance page."""

    migrated: int
    failed: tuple[str, ...]


def migrate_fleet() -> FleetReport:
    """Migrate every tenant that is behind. Goes on past a failure; may be called again, and by several at once."""
    migrated, failed = 0, []
    with holding("fleet"):
        for tenant_id, schema, slug in _behind():
            if _migrate(tenant_id, schema):
                migrated += 1
            else:
                failed.append(slug)
    return FleetReport(migrated, tuple(failed))


def _behind() -> list[tuple[UUID, str, str]]:
    with platform_scope(reason="find tenants behind"):
        rows = Tenant.objects.exclude(schema_version=code_schema_version()).order_by("created_at")
        return list(rows.values_list("pk", "schema_name", "slug"))


def _migrate(tenant_id: UUID, schema: str) -> bool:
    try:
        migrate_schema(schema)
    except DatabaseError:
        log.exception("tenant not migrated", tenant=str(tenant_id))
        return False
    update_tenant(tenant_id=tenant_id, schema_version=code_schema_version())
    return True
