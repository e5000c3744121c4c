"""The slow road: longer than a lease, killed outside of a transaction, kept out in the middle, without a template."""

import pytest
from django.conf import settings
from django.db import connection, transaction

from provisioning.fleet import moving
from provisioning.fleet.engine import advance_fleet, advance_fleet_to_end
from provisioning.fleet.enlisting import make_plans
from provisioning.fleet.services import quarantine_tenant
from provisioning.models import FleetMove, SchemaTemplate
from provisioning.schemas.catalog import read_catalog
from tenants.schemas import code_schema_version
from tenants.scope import platform_scope
from tenants.wall import admin_connection
from tests.provisioning.fleet.looking import (
    SYSTEM,
    bring,
    claim,
    execute,
    migrate,
    move_of,
    quarantined,
    start,
    tenant,
    two_categories_of_one_icon,
)
from tests.provisioning.fleet.releases import COLUMN_AND_INDEX, CONCURRENT_INDEX, released

pytestmark = pytest.mark.proves("faults.fleet")

CONCURRENT_REMOVAL = """
    atomic = False
    from django.contrib.postgres.operations import RemoveIndexConcurrently
    operations = [RemoveIndexConcurrently("service", "service_title_quickly")]
"""
# Python that fails, after it has changed something.
BROKEN_PYTHON = """
    def shout(apps, schema_editor):
        category = apps.get_model("catalog", "Category")
        category.objects.update(description="LOUD")
        if category.objects.exists():
            raise ValueError("secret@example.com is no category")

    operations = [migrations.RunPython(shout, migrations.RunPython.noop)]
"""
NEW_TABLE = """
    operations = [migrations.CreateModel("Label", [("id", models.BigAutoField(primary_key=True))])]
"""
NEW_TABLE_SLOWLY = """
    operations = [
        migrations.CreateModel("Label", [("id", models.BigAutoField(primary_key=True))]),
        migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop),
    ]
"""
CONTRACT = """
    expansion = "catalog.0900_columns"
    operations = [migrations.RemoveField("service", "colour")]
"""


def _somebody_claims_it(slug: str) -> None:
    """Its lease has ended, and another worker claimed it, found it locked and put it back."""
    with admin_connection(settings.DATABASES["default"]["NAME"]) as other:
        other.execute(
            "UPDATE provisioning_fleetmove SET lease_token = lease_token + 1, state = 'pending', lease_owner = ''"
            " WHERE tenant_id = %s AND state = 'running'",
            [tenant(slug).pk],
        )


def test_a_migration_longer_than_its_lease_is_noted_by_who_did_it(fleet, release, monkeypatch):
    release(concurrent=CONCURRENT_INDEX)
    run = start(canaries=["alpha"])
    move = claim(run)
    whole = moving.execute
    monkeypatch.setattr(moving, "execute", lambda *given: (whole(*given), _somebody_claims_it("alpha")))

    bring(run, move)

    assert (move_of("alpha").state, move_of("alpha").attempt) == ("done", 1)
    assert tenant("alpha").schema_version == code_schema_version()


def test_a_failure_after_the_lease_has_ended_is_recorded_all_the_same(fleet, release, monkeypatch):
    two_categories_of_one_icon(tenant("alpha").schema_name)
    release(python=BROKEN_PYTHON)
    run = start(canaries=["alpha"])
    move = claim(run)
    whole = moving._bring_looking_twice

    def failing_late(*given):
        try:
            whole(*given)
        finally:
            _somebody_claims_it("alpha")

    monkeypatch.setattr(moving, "_bring_looking_twice", failing_late)
    bring(run, move)

    assert (move_of("alpha").state, quarantined()) == ("failed", {"alpha"})


@pytest.mark.control
def test_without_taking_the_token_back_that_failure_would_be_lost(fleet, release, monkeypatch):
    """Negative control: the tenant would be claimed, fail and be forgotten for ever."""
    two_categories_of_one_icon(tenant("alpha").schema_name)
    release(python=BROKEN_PYTHON)
    run = start(canaries=["alpha"])
    move = claim(run)
    monkeypatch.setattr(moving.Move, "retaken", lambda self: self)
    _somebody_claims_it("alpha")

    bring(run, move)

    assert (move_of("alpha").state, quarantined()) == ("pending", set())


def test_a_close_look_longer_than_a_lease_keeps_others_away(fleet, release, monkeypatch):
    execute(tenant("alpha").schema_name, "ALTER TABLE catalog_service ADD by_hand int")
    release(columns=COLUMN_AND_INDEX)
    run = start(canaries=["alpha"])
    move = claim(run)
    whole, seen = moving.catalog_before, []

    def slow(plan, place):
        with platform_scope(reason="test"):
            seen.append(FleetMove.objects.get(pk=move.pk).leased_until - FleetMove.objects.get(pk=move.pk).started_at)
        return whole(plan, place)

    monkeypatch.setattr(moving, "catalog_before", slow)
    bring(run, move)

    assert seen[0].total_seconds() > 30
    assert (move_of("alpha").state, quarantined()) == ("failed", {"alpha"})


def test_python_that_fails_leaves_nothing_of_itself_and_tells_no_value(fleet, release):
    two_categories_of_one_icon(tenant("alpha").schema_name)
    release(python=BROKEN_PYTHON)

    migrate(canaries=["alpha"])

    assert execute(tenant("alpha").schema_name, "SELECT DISTINCT description FROM catalog_category") == [("",)]
    assert move_of("alpha").error.startswith("ValueError at 0900_python.py:")
    assert "secret" not in move_of("alpha").error


def test_what_was_quarantined_by_hand_takes_no_further_stage(fleet, release, monkeypatch):
    release(concurrent=CONCURRENT_INDEX, columns=COLUMN_AND_INDEX)
    run = start(canaries=["alpha"])
    move = claim(run)
    whole = moving.execute

    def execute_and_isolate(schema, stage):
        whole(schema, stage)
        quarantine_tenant(actor=SYSTEM, slug="alpha", reason="stop it")

    monkeypatch.setattr(moving, "execute", execute_and_isolate)
    bring(run, move)

    assert (move_of("alpha").state, move_of("alpha").error) == ("failed", "stop it")
    assert execute(tenant("alpha").schema_name, "SELECT to_regclass('service_colour')") == [(None,)]


# --- killed outside of a transaction: what is there, and what is noted


def test_an_index_that_was_built_and_not_noted_is_noted_and_not_built_again(fleet, release):
    schema = tenant("alpha").schema_name
    execute(schema, "CREATE INDEX service_title_quickly ON catalog_service (title)")
    built = execute(schema, "SELECT 'service_title_quickly'::regclass::oid")
    release(concurrent=CONCURRENT_INDEX)

    migrate(canaries=["alpha"])

    assert move_of("alpha").state == "done"
    assert execute(schema, "SELECT 'service_title_quickly'::regclass::oid") == built


def test_an_index_that_was_half_built_is_built_anew(fleet, release):
    schema = tenant("alpha").schema_name
    execute(schema, "CREATE INDEX service_title_quickly ON catalog_service (title)")
    _invalidate(schema)
    release(concurrent=CONCURRENT_INDEX)

    migrate(canaries=["alpha"])

    assert move_of("alpha").state == "done"
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'service_title_quickly'::regclass"
    assert execute(schema, valid) == [(True,)]


@pytest.mark.parametrize("left", ["gone", "half-dropped", "untouched"])
def test_an_index_whose_removal_was_killed_is_removed(fleet, release, tmp_path, left):
    with released(tmp_path, {"0900_concurrent": CONCURRENT_INDEX}):
        migrate()
    schema = tenant("alpha").schema_name
    if left == "gone":
        execute(schema, "DROP INDEX service_title_quickly")
    elif left == "half-dropped":
        _invalidate(schema)
    release(concurrent=CONCURRENT_INDEX, removal=CONCURRENT_REMOVAL)

    report = migrate(canaries=["alpha"])

    assert (report.state, report.migrated) == ("done", 2)
    assert execute(schema, "SELECT to_regclass('service_title_quickly')") == [(None,)]


def test_a_valid_index_of_a_drifted_tenant_is_not_dropped_before_it_is_called_drifted(fleet, release):
    schema = tenant("alpha").schema_name
    execute(schema, "CREATE INDEX service_title_quickly ON catalog_service (price_minor)")
    release(concurrent=CONCURRENT_INDEX)

    migrate(canaries=["alpha"])

    assert move_of("alpha").state == "failed"
    assert execute(schema, "SELECT to_regclass('service_title_quickly') IS NOT NULL") == [(True,)]


def _invalidate(schema: str) -> None:
    """As a killed CONCURRENTLY leaves it; only a superuser can do it by hand."""
    with admin_connection(settings.DATABASES["default"]["NAME"]) as admin:
        admin.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", [f"{schema}.service_title_quickly"]
        )


def test_an_old_transaction_elsewhere_does_not_end_a_concurrent_index(fleet, release, monkeypatch):
    """CREATE INDEX CONCURRENTLY waits for whoever is older, and lock_timeout would end that wait."""
    seen: list[str] = []
    release(concurrent=CONCURRENT_INDEX)
    run = start(canaries=["alpha"])
    from django.db.migrations.executor import MigrationExecutor

    whole = MigrationExecutor.migrate

    def looking(self, *args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            seen.append(cursor.fetchone()[0])
        return whole(self, *args, **kwargs)

    monkeypatch.setattr(MigrationExecutor, "migrate", looking)
    advance_fleet(run.pk, limit=1)

    assert seen == ["0"]


# --- nothing is known of the version


def test_without_a_template_each_migration_waits_briefly_for_locks_and_is_noted_with_its_change(fleet, release, monkeypatch):
    monkeypatch.setattr("provisioning.fleet.ddl.LOCK_SECONDS", 0.5)
    monkeypatch.setattr("provisioning.fleet.moving.MAX_ATTEMPTS", 1)
    before = code_schema_version()
    release(columns=COLUMN_AND_INDEX, concurrent=CONCURRENT_INDEX)
    with platform_scope(reason="test"):
        SchemaTemplate.objects.all().delete()
    (plan,) = make_plans().values()
    assert plan.is_whole
    with admin_connection(settings.DATABASES["default"]["NAME"]) as reader, reader.transaction():
        reader.execute(f"LOCK TABLE {tenant('alpha').schema_name}.catalog_service IN ACCESS SHARE MODE")

        report = migrate(canary_count=0)

        assert (report.held_up, report.migrated) == (["alpha"], 1)
        assert "lock timeout" in move_of("alpha").error
    alpha, beta = tenant("alpha"), tenant("beta")
    assert (beta.schema_version, beta.schema_base) == (code_schema_version(), before)
    with platform_scope(reason="test"):
        FleetMove.objects.update(leased_until=None)
    assert advance_fleet_to_end(move_of("alpha").run_id, connections=1) == "done"
    assert read_catalog(alpha.schema_name) == read_catalog(beta.schema_name)


# --- what code of before may read, and where numbers begin


def test_a_contract_and_its_expansion_in_one_plan_leave_no_older_code_served(fleet, release):
    release(columns=COLUMN_AND_INDEX, contract=CONTRACT)

    assert migrate().migrated == 2

    assert tenant("alpha").schema_base == ""


def test_a_contract_a_release_later_leaves_the_version_before_served(fleet, release, tmp_path):
    with released(tmp_path, {"0900_columns": COLUMN_AND_INDEX}):
        migrate()
        before = code_schema_version()
    release(columns=COLUMN_AND_INDEX, contract=CONTRACT)

    assert migrate().migrated == 2

    assert tenant("alpha").schema_base == before


@pytest.mark.parametrize("body", [NEW_TABLE, NEW_TABLE_SLOWLY], ids=["replayed", "slow"])
def test_the_numbers_of_a_new_table_begin_somewhere_else_in_each_tenant(fleet, release, body):
    release(label=body)

    migrate()

    numbers = [execute(tenant(slug).schema_name, "SELECT nextval('catalog_label_id_seq')")[0][0] for slug in ("alpha", "beta")]
    assert min(numbers) >= 10_000
    assert numbers[0] != numbers[1]


def test_a_stage_in_a_transaction_is_noted_with_it(fleet, release, monkeypatch):
    """Django notes a migration that left SQL to its end after the commit: killed between, it would be done and unknown."""
    release(label=NEW_TABLE_SLOWLY)
    run = start(canaries=["alpha"])
    move = claim(run)
    from django.db.migrations.executor import MigrationExecutor

    def killed(*_given):
        raise KeyboardInterrupt

    monkeypatch.setattr(MigrationExecutor, "record_migration", killed)
    with pytest.raises(KeyboardInterrupt):
        bring(run, move)

    assert not transaction.get_connection().in_atomic_block
    assert execute(tenant("alpha").schema_name, "SELECT to_regclass('catalog_label')") == [(None,)]
