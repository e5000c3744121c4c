"""A run over the fleet brings along whoever is behind, on whichever cluster they live."""

from __future__ import annotations

from contextlib import ExitStack
from uuid import UUID

import pytest
from django.db import connection

from provisioning.fleet import moving
from provisioning.fleet.engine import advance_fleet
from provisioning.fleet.migrating import migrate_fleet
from tenant_apps.catalog.models import Category
from tenants.clusters import on_cluster
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import platform_scope, schema_scope, tenant_scope
from tenants.session_locks import _key
from tenants.wall import admin_connection
from tests.factories.market import make_category
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.clusters.places import EAST, moved, now_of
from tests.provisioning.fleet.conftest import next_templates_on_top_of_the_first, release  # noqa: F401  # its fixtures
from tests.provisioning.fleet.looking import move_of, start
from tests.provisioning.fleet.releases import COLUMN_AND_INDEX, CONCURRENT_INDEX, PYTHON
from tests.provisioning.organizations import SYSTEM

pytestmark = pytest.mark.xdist_group("clusters")


def has_column(tenant_id: UUID) -> bool:
    tenant = now_of(tenant_id)
    with on_cluster(tenant.database), schema_scope(tenant.schema, reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_attribute WHERE attrelid = 'catalog_service'::regclass AND attname = 'colour'")
        return bool(cursor.fetchone()[0])


def test_a_schema_there_looks_as_one_here_so_nobody_has_to_look_closely(two_clusters, release, monkeypatch):  # noqa: F811  # the fixture
    """Types, operator classes and roles have other numbers on each cluster."""
    moved(ALPHA_ID)
    release(colour=COLUMN_AND_INDEX)
    looked, whole = [], moving.catalog_before
    monkeypatch.setattr(moving, "catalog_before", lambda *given: looked.append(given) or whole(*given))

    report = migrate_fleet(actor=SYSTEM, connections=1)

    assert (report.migrated, looked) == (2, [])


def test_a_statement_that_still_runs_there_for_a_killed_worker_is_waited_for(two_clusters, release):  # noqa: F811  # the fixture
    """Its server process is on that cluster, and so is the lock that it keeps."""
    moved(ALPHA_ID)
    release(quickly=CONCURRENT_INDEX)
    run = start(canary_count=0)
    with ExitStack() as stack:
        with on_cluster(EAST):
            dead_workers = stack.enter_context(admin_connection())
        dead_workers.execute("SELECT pg_advisory_lock(%s)", [_key(f"fleet {now_of(ALPHA_ID).schema}")])

        advance_fleet(run.pk)

        assert (move_of("alpha").state, move_of("alpha").attempt) == ("pending", 0)
        assert move_of("beta").state == "done"


def test_each_road_leads_there_too_and_is_noted_in_the_one_registry(two_clusters, release):  # noqa: F811  # the fixture
    moved(ALPHA_ID)
    with tenant_scope(now_of(ALPHA_ID)):
        make_category("Loud")
    release(colour=COLUMN_AND_INDEX, shout=PYTHON, quickly=CONCURRENT_INDEX)

    report = migrate_fleet(actor=SYSTEM, connections=1)

    assert (report.migrated, report.failed) == (2, {})
    assert (has_column(ALPHA_ID), has_column(BETA_ID)) == (True, True)
    with tenant_scope(now_of(ALPHA_ID)):
        assert Category.objects.filter(name="Loud!").exists()
    assert now_of(ALPHA_ID).database == EAST
    with platform_scope(reason="test"):
        assert set(Tenant.objects.values_list("schema_version", flat=True)) == {code_schema_version()}
