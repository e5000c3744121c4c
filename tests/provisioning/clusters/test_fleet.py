"""A run over the fleet brings along whoever is behind, on whichever cluster they live."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection

from provisioning.fleet.migrating import migrate_fleet
from tenant_apps.catalog.models import Category
from tenants.clusters import on_cluster
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import platform_scope, schema_scope, tenant_scope
from tests.factories.market import make_category
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.clusters.places import EAST, moved, now_of
from tests.provisioning.fleet.conftest import next_templates_on_top_of_the_first, release  # noqa: F401  # its fixtures
from tests.provisioning.fleet.releases import COLUMN_AND_INDEX, CONCURRENT_INDEX, PYTHON
from tests.provisioning.organizations import SYSTEM

pytestmark = pytest.mark.xdist_group("clusters")


def has_column(tenant_id: UUID) -> bool:
    tenant = now_of(tenant_id)
    with on_cluster(tenant.database), schema_scope(tenant.schema, reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_attribute WHERE attrelid = 'catalog_service'::regclass AND attname = 'colour'")
        return bool(cursor.fetchone()[0])


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
