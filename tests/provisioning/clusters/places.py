"""Where things are: the clusters of the tests, moves between them, and sums over what an organization consists of."""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction

from kernel.events import publish
from kernel.outbox.models import OutboxMessage
from provisioning.models import Run
from provisioning.moves import order_move
from provisioning.saga.engine import advance_to_end
from tenant_apps.catalog.models import Category
from tenants.clusters import on_cluster
from tenants.context import TenantContext
from tenants.errors import WritesPaused
from tenants.hosts import context_for
from tenants.schemas import existing_schemas
from tenants.scope import cluster_scope, schema_scope, tenant_scope
from tests.factories.market import make_category
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.clusters.listening import SignHung
from tests.provisioning.organizations import SYSTEM, again

EAST = "east"


def now_of(tenant_id: UUID) -> TenantContext:
    tenant = context_for(tenant_id)
    assert tenant is not None
    return tenant


def ordered(tenant_id: UUID, cluster: str = EAST) -> Run:
    return order_move(actor=SYSTEM, tenant_id=tenant_id, cluster=cluster)


def moved(tenant_id: UUID, cluster: str = EAST) -> Run:
    run = ordered(tenant_id, cluster)
    assert advance_to_end(run.pk) == "done", again(run).error
    return again(run)


def sums(tenant: TenantContext) -> dict[str, tuple[int, str]]:
    """Rows and a sum over all their values, by table."""
    with on_cluster(tenant.database), schema_scope(tenant.schema, reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*), coalesce(sum(hashtextextended(t::text, 7)), 0)::text FROM "{table}" t')
            found[table] = cursor.fetchone()
    return found


def names() -> set[str]:
    with tenant_scope(now_of(ALPHA_ID)):
        return set(Category.objects.values_list("name", flat=True))


def hang(name: str) -> None:
    with tenant_scope(now_of(ALPHA_ID)), transaction.atomic():
        publish(SignHung(name))


def messages_on(alias: str, tenant_id: UUID = ALPHA_ID) -> list[str]:
    with on_cluster(alias), cluster_scope(reason="test"):
        return list(OutboxMessage.objects.filter(tenant_id=tenant_id).order_by("pk").values_list("state", flat=True))


def can_write() -> bool:
    with tenant_scope(now_of(ALPHA_ID)):
        try:
            make_category("Probe").delete()
        except WritesPaused:
            return False
    return not now_of(ALPHA_ID).is_read_only


def schemas_on(alias: str, *schemas: str) -> set[str]:
    with on_cluster(alias):
        return existing_schemas(schemas)
