"""An organization on another cluster has the figures of its own catalog and outbox."""

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from kernel.events import publish
from kernel.outbox.models import OutboxMessage
from ops.local.process import free_port
from provisioning.health.gathering import sizes_of
from provisioning.health.services import gather_health
from provisioning.health.types import Cause, Figures, Looked
from provisioning.models import TenantHealth
from tenants.models import Tenant
from tenants.scope import cluster_scope, platform_scope, schema_scope, tenant_scope
from tests.factories.market import make_category
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.clusters.listening import SignHung
from tests.provisioning.clusters.places import EAST, moved, now_of

pytestmark = [pytest.mark.usefixtures("two_clusters", "signs"), pytest.mark.xdist_group("clusters")]


def test_each_organization_has_the_figures_of_its_own_cluster():
    moved(ALPHA_ID)
    for alias in ("default", EAST):
        with cluster_scope(reason="test", database=alias):
            OutboxMessage.objects.all().delete()
    with tenant_scope(now_of(ALPHA_ID)), transaction.atomic():
        publish(SignHung("waits in the east"))

    gather_health()

    with platform_scope(reason="test"):
        kept = TenantHealth.objects.in_bulk([ALPHA_ID, BETA_ID])
        sizes = sizes_of(list(Tenant.objects.filter(pk__in=kept)))
    waiting = {pk: Figures.from_json(row.figures).waiting for pk, row in kept.items()}
    looked = {pk: Looked.from_json(row.looked) for pk, row in kept.items()}
    assert waiting == {ALPHA_ID: 1, BETA_ID: 0}
    assert all(found.is_readable and found.bytes for found in looked.values())
    assert set(sizes) == {now_of(pk).schema for pk in kept}


def test_a_cluster_that_is_away_is_told_of_those_who_live_there_and_hides_nobody_else(monkeypatch):
    moved(ALPHA_ID)
    # Rows are told by PostgreSQL's statistics, which are as old as its last look.
    with tenant_scope(now_of(BETA_ID)):
        make_category("Counted")
    with schema_scope(now_of(BETA_ID).schema, reason="test"), connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_category")
    gather_health()
    connections[EAST].close()
    monkeypatch.setitem(settings.DATABASES[EAST], "PORT", str(free_port()))

    gather_health()

    with platform_scope(reason="test"):
        kept = TenantHealth.objects.in_bulk([ALPHA_ID, BETA_ID])
    causes = {pk: {trouble["cause"] for trouble in row.troubles} for pk, row in kept.items()}
    assert Cause.UNREADABLE in causes[ALPHA_ID]
    assert Cause.UNREADABLE not in causes[BETA_ID]
    assert Figures.from_json(kept[BETA_ID].figures).rows > 0
