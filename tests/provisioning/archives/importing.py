"""Asking for imports, and looking at what came of them."""

from __future__ import annotations

from io import BytesIO

from django.core.files.storage import default_storage
from django.db import connection

from provisioning.archives.contents import CARRIED, LEFT_BEHIND
from provisioning.archives.services import import_organization
from provisioning.files import files_below
from provisioning.models import Run
from provisioning.saga.engine import advance
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.template import ensure_template
from provisioning.types import RunState
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.schemas import schema_for
from tenants.scope import schema_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.organizations import SYSTEM, again


def ordered(archive: bytes, slug: str = "gamma") -> Run:
    return import_organization(actor=SYSTEM, file=BytesIO(archive), slug=slug)


def imported(archive: bytes, slug: str = "gamma") -> TenantContext:
    run = ordered(archive, slug)
    assert advance(run.pk) == RunState.DONE, again(run).error
    return tenant_of(run)


def tenant_of(run: Run) -> TenantContext:
    tenant = context_for(again(run).tenant_id)
    assert tenant is not None
    return tenant


def rows(schema: str, table: str, *, without: str = "") -> list[tuple[object, ...]]:
    with schema_scope(schema, reason="test"), connection.cursor() as cursor:
        cursor.execute(f'SELECT to_jsonb(t) - %s FROM "{table}" t ORDER BY to_jsonb(t)::text', [without])
        return cursor.fetchall()


def files_of(tenant: TenantContext) -> dict[str, bytes]:
    with tenant_scope(tenant):
        return {name: content_of(name) for name in files_below(default_storage)}


def content_of(name: str) -> bytes:
    with default_storage.open(name) as file:
        return file.read()


def everything(schema: str) -> dict[str, object]:
    return {table: rows(schema, table) for table in sorted(CARRIED | LEFT_BEHIND.keys())}


def is_same_as_alpha(tenant: TenantContext) -> bool:
    counts = {table: len(rows(tenant.schema, table)) for table in CARRIED}
    return (
        counts == {table: len(rows(schema_for(ALPHA_ID), table)) for table in CARRIED}
        and read_catalog(tenant.schema).fingerprint == ensure_template().fingerprint
    )
