"""Archives and snapshots from before a migration: brought along by the fleet's road, or refused with nothing left behind."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from django.db import ProgrammingError
from django.db.migrations.loader import MigrationLoader

from provisioning.archives import errors
from provisioning.archives.restoring import differences_of, restore_beside
from provisioning.archives.writing import write_archive
from provisioning.fleet.single import bring_schema
from provisioning.models import SchemaTemplate
from provisioning.saga.engine import advance
from provisioning.schemas import template
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.template import ensure_template
from provisioning.services import undo_run
from provisioning.types import RunState
from tenant_apps.catalog.models import Category
from tenants.context import TenantContext
from tenants.models import Tenant
from tenants.schemas import code_schema_version, schema_exists, version_of
from tenants.scope import platform_scope, tenant_scope
from tests.factories.market import make_category
from tests.provisioning.archives.conftest import NAMES
from tests.provisioning.archives.forging import forged
from tests.provisioning.archives.importing import imported, ordered, rows, tenant_of
from tests.provisioning.archives.refusing import refused
from tests.provisioning.archives.swaps import restored, side_of, snapshot_of, swapped
from tests.provisioning.fleet.releases import (
    COLUMN_AND_INDEX,
    CONCURRENT_INDEX,
    NOWHERE,
    PYTHON,
    UNIQUE_ICON,
    migrate_on_top_of_the_first,
    released,
    replay_the_first,
)
from tests.provisioning.organizations import SYSTEM, again, inventory, steps_of, tenant_ids

pytestmark = pytest.mark.usefixtures("quiet")

FAST = {"0900_colour": COLUMN_AND_INDEX}
SLOW = {"0900_colour": COLUMN_AND_INDEX, "0901_shout": PYTHON, "0902_index": CONCURRENT_INDEX}


@pytest.fixture(autouse=True)
def next_templates_on_top_of_the_first(monkeypatch):
    monkeypatch.setattr(template, "migrate_schema", migrate_on_top_of_the_first)


def _is_of_this_version(schema: str) -> bool:
    return read_catalog(schema).fingerprint == ensure_template().fingerprint


def _bring_along(shop: TenantContext) -> None:
    """As the fleet would have, but nobody else."""
    bring_schema(shop.schema, source=shop.schema_version, tell=lambda: None)
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=shop.id).update(schema_version=code_schema_version())


def test_an_archive_from_before_a_migration_is_brought_along_before_it_is_opened(written, tmp_path):
    with released(tmp_path, FAST):
        tenant = imported(written)

        assert (tenant.status, tenant.schema_version) == ("active", code_schema_version())
        assert _is_of_this_version(tenant.schema)
        assert {json.loads(row)["colour"] for (row,) in rows(tenant.schema, "catalog_service")} == {""}


def test_what_cannot_be_replayed_goes_the_slow_road(written, market, tmp_path):
    with tenant_scope(market):
        names = {f"{name}!" for name in Category.objects.values_list("name", flat=True)}

    with released(tmp_path, SLOW):
        tenant = imported(written)

        assert _is_of_this_version(tenant.schema)
        assert {json.loads(row)["name"] for (row,) in rows(tenant.schema, "catalog_category")} == names


def test_a_version_that_was_never_here_is_made_of_this_codes_own_migrations(written, tmp_path):
    version = code_schema_version()
    with platform_scope(reason="test"):
        known = SchemaTemplate.objects.get(version=version)
        SchemaTemplate.objects.filter(pk=known.pk).delete()

    with released(tmp_path, FAST):
        assert _is_of_this_version(imported(written).schema)

    with platform_scope(reason="test"):
        made = SchemaTemplate.objects.get(version=version)
        # The first one is what other tests begin from.
        SchemaTemplate.objects.filter(pk=made.pk).update(id=known.pk)
    assert made.fingerprint == known.fingerprint


def test_an_archive_of_this_version_has_no_way_to_go(written):
    run = again(ordered(written))

    assert advance(run.pk) == RunState.DONE
    assert ("version", "done", 1) in steps_of(run)


def test_a_snapshot_from_before_a_migration_is_restored_compared_and_put_in_place(shop, tmp_path):
    archive = snapshot_of(shop)

    with released(tmp_path, FAST):
        _bring_along(shop)
        with tenant_scope(shop):
            Category.objects.filter(slug=NAMES.slug("deep")).update(name="Renamed since")
        run = restored(archive)

        assert _is_of_this_version(side_of(run))
        changes = {line.table: (line.added, line.changed, line.removed) for line in differences_of(run) if line.is_any}
        assert changes["catalog_category"] == (0, 1, 0)
        assert "catalog_service" not in changes
        now = tenant_of(swapped(run))
        assert now.schema != shop.schema
        with tenant_scope(now):
            assert not Category.objects.filter(name="Renamed since").exists()


def test_rows_that_a_migration_does_not_take_stop_the_run_and_undoing_it_leaves_nothing(shop, tmp_path):
    with tenant_scope(shop):
        make_category("Another", icon=Category.objects.get(slug=NAMES.slug("deep")).icon)
    file = BytesIO()
    write_archive(shop, file, tell=lambda _progress: None)

    with released(tmp_path, {"0900_unique": UNIQUE_ICON}):
        ensure_template()
        before = inventory()["schemas"], inventory()["files"], tenant_ids()
        run = ordered(file.getvalue())

        assert advance(run.pk) == RunState.FAILED
        assert "does not come along to this one" in again(run).error
        assert tenant_of(run).status == "provisioning"
        undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="gamma")
        assert advance(run.pk) == RunState.UNDONE
        assert (inventory()["schemas"], inventory()["files"], tenant_ids()) == before


def test_a_version_whose_migrations_have_a_gap_is_refused_with_both_names(written):
    def change(manifest):
        manifest["migrations"].remove("catalog.0001_initial")
        labels = [label.split(".", 1) for label in manifest["migrations"]]
        manifest["schema_version"] = version_of((app, name) for app, name in labels)

    said = refused(forged(written, change), errors.ArchiveOfOtherVersion)
    assert "without “catalog.0001_initial”" in said


def test_a_version_that_its_migrations_do_not_make_is_refused(written):
    said = refused(
        forged(written, lambda manifest: manifest.update(schema_version="ffffffffffff")), errors.ArchiveOfOtherVersion
    )
    assert "“ffffffffffff”" in said


def test_a_version_from_which_a_migration_leads_nowhere_is_refused_before_anything_is_written_down(written, tmp_path):
    with released(tmp_path, {"0900_nowhere": NOWHERE}):
        # What is there of such a template is the code's own, and whoever starts it finds it so, too.
        with pytest.raises(ProgrammingError):
            ensure_template()
        said = refused(written, errors.ArchiveOfOtherVersion)

    assert "There is no way from the archive's version" in said


def test_what_was_made_to_look_for_a_way_goes_again_when_there_is_none(written, tmp_path, monkeypatch):
    """Of a version that was never here, a schema has to be made, and its script."""
    graph = MigrationLoader(None).graph
    last = min(
        f"{app}.{name}" for app, name in graph.leaf_nodes() if not graph.node_map[app, name].children and app != "catalog"
    )
    asked = []

    def change(manifest):
        manifest["migrations"].remove(last)
        labels = [label.split(".", 1) for label in manifest["migrations"]]
        manifest["schema_version"] = version_of((app, name) for app, name in labels)

    def make(schema, labels):
        replay_the_first(schema)
        asked.append((schema_exists(schema), last in labels))

    monkeypatch.setattr(template, "migrate_schema_to", make)
    with released(tmp_path, {"0900_nowhere": NOWHERE}):
        with pytest.raises(ProgrammingError):
            ensure_template()
        said = refused(forged(written, change), errors.ArchiveOfOtherVersion)

    assert asked == [(True, False)]
    assert "There is no way from the archive's version" in said


def test_a_snapshot_of_a_newer_version_stops_the_restore_with_nothing_left_behind(shop, tmp_path):
    with released(tmp_path, FAST):
        _bring_along(shop)
        archive = snapshot_of(shop)
    before = inventory()["schemas"], inventory()["files"]

    run = restore_beside(actor=SYSTEM, archive_id=archive.public_id)

    assert advance(run.pk) == RunState.FAILED
    assert "newer version (it has “catalog.0900_colour”)" in again(run).error
    assert (inventory()["schemas"], inventory()["files"]) == before
