"""A run over the fleet when things go wrong: one tenant fails, drifts, is locked; the others go on."""

from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.test import Client

from kernel.errors import Invalid
from provisioning.errors import FleetNotReady
from provisioning.fleet.engine import advance_fleet, advance_fleet_to_end
from provisioning.fleet.moves import MAX_ATTEMPTS
from provisioning.fleet.reading import failures, latest_fleet_run
from provisioning.fleet.services import (
    pause_fleet_run,
    quarantine_tenant,
    release_tenant,
    resume_fleet_run,
    retry_tenant,
    start_fleet_run,
)
from provisioning.models import FleetMove, FleetRun, Quarantine
from provisioning.schemas.catalog import read_catalog
from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.schemas import code_schema_version, drop_schema
from tenants.scope import platform_scope
from tenants.types import TenantStatus
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
from tests.provisioning.fleet.releases import COLUMN_AND_INDEX, CONCURRENT_INDEX, UNIQUE_ICON

pytestmark = pytest.mark.proves("faults.fleet")

MANY = [f"market-{letter}" for letter in "cdefghijkl"]


def _status_of_page(slug: str) -> int:
    host_cache._entries.clear()
    return Client(headers={"host": f"{slug}.localhost"}).get("/robots.txt").status_code


@contextmanager
def somebody_reads(row: Tenant):
    """Somebody's transaction that has read a table and does not end, which is enough to hold a change of it up."""
    with admin_connection(settings.DATABASES["default"]["NAME"]) as reader, reader.transaction():
        reader.execute(f"LOCK TABLE {row.schema_name}.catalog_service IN ACCESS SHARE MODE")
        yield


def test_one_tenant_that_fails_is_quarantined_and_the_others_go_on(fleet, release):
    fleet(*MANY)
    two_categories_of_one_icon(tenant("market-f").schema_name)
    before = read_catalog(tenant("market-f").schema_name)
    release(columns=COLUMN_AND_INDEX, icon=UNIQUE_ICON)

    report = migrate(canary_count=0)

    assert (report.state, report.migrated, list(report.failed)) == ("done", 11, ["market-f"])
    failed = move_of("market-f")
    assert (failed.state, failed.attempt) == ("failed", 1)
    assert "constraint category_icon_unique" in failed.error
    assert "same" not in failed.error
    assert "category_icon_unique" in failed.sql
    assert "colour" not in failed.sql
    assert read_catalog(tenant("market-f").schema_name).differences(before) == []
    assert tenant("market-f").schema_version != code_schema_version()
    assert quarantined() == {"market-f"}
    assert {_status_of_page("market-f"), _status_of_page("market-g")} == {503, 200}


def test_a_failed_tenant_is_tried_again_and_comes_back(fleet, release):
    fleet("acme")
    two_categories_of_one_icon(tenant("acme").schema_name)
    release(icon=UNIQUE_ICON)
    migrate(canary_count=0)
    execute(tenant("acme").schema_name, "DELETE FROM catalog_category")

    retry_tenant(actor=SYSTEM, slug="acme")
    state = advance_fleet_to_end(move_of("acme").run_id, connections=1)

    assert state == "done"
    assert (tenant("acme").status, tenant("acme").schema_version) == ("active", code_schema_version())
    assert quarantined() == set()
    assert _status_of_page("acme") == 200


def test_a_suspended_tenant_that_failed_stays_suspended(fleet, release):
    fleet("acme")
    two_categories_of_one_icon(tenant("acme").schema_name)
    with platform_scope(reason="test"):
        Tenant.objects.filter(slug="acme").update(status="suspended")
    release(icon=UNIQUE_ICON)

    migrate()
    assert tenant("acme").status == "suspended"
    release_tenant(actor=SYSTEM, slug="acme")

    assert tenant("acme").status == "suspended"
    assert quarantined() == set()


def test_a_drifted_schema_takes_no_replay_and_its_differences_are_shown(fleet, release):
    (acme,) = fleet("acme")
    execute(acme.schema_name, "ALTER TABLE catalog_service ADD by_hand int")
    release(columns=COLUMN_AND_INDEX)

    report = migrate(canary_count=0)

    assert report.migrated == 2
    (failure,) = failures()
    assert (failure.slug, failure.can_retry) == ("acme", True)
    assert "by_hand" in failure.reason
    assert execute(acme.schema_name, "SELECT to_regclass('service_colour')") == [(None,)]


def test_a_schema_that_only_looks_different_is_judged_by_its_catalog(fleet, release, monkeypatch):
    (acme,) = fleet("acme")
    from provisioning.fleet import moving

    whole = moving.quick_print
    monkeypatch.setattr(moving, "quick_print", lambda schema: "" if schema == acme.schema_name else whole(schema))
    release(columns=COLUMN_AND_INDEX)

    report = migrate()

    assert (report.migrated, report.failed) == (3, {})


def test_a_tenant_whose_table_is_locked_is_tried_again_later(fleet, release, monkeypatch):
    monkeypatch.setattr("provisioning.fleet.ddl.LOCK_SECONDS", 0.5)
    (acme,) = fleet("acme")
    release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)  # the others would wait for a canary
    with somebody_reads(acme):
        state = advance_fleet(run.pk)

        held_up = move_of("acme")
        assert (state, held_up.state, held_up.attempt) == ("running", "pending", 1)
        assert "lock timeout" in held_up.error
        assert "colour" in held_up.sql
        assert tenant("alpha").schema_version == tenant("beta").schema_version == code_schema_version()
        assert quarantined() == set()

    assert advance_fleet_to_end(run.pk, connections=1) == "done"
    assert move_of("acme").state == "done"
    assert move_of("acme").error == ""


def test_a_lock_that_only_the_second_migration_meets_is_not_waited_for_either(fleet, release, monkeypatch):
    monkeypatch.setattr("provisioning.fleet.ddl.LOCK_SECONDS", 0.5)
    (acme,) = fleet("acme")
    release(icon=UNIQUE_ICON, columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)
    with somebody_reads(acme):
        advance_fleet(run.pk)

        held_up = move_of("acme")
        assert "lock timeout" in held_up.error
        assert "colour" in held_up.sql


def test_a_tenant_that_stays_locked_is_served_as_before_and_tried_again_minutes_later(fleet, release, monkeypatch):
    monkeypatch.setattr("provisioning.fleet.ddl.LOCK_SECONDS", 0.3)
    monkeypatch.setattr("provisioning.fleet.moving.MAX_ATTEMPTS", 2)
    (acme,) = fleet("acme")
    release(columns=COLUMN_AND_INDEX)
    with somebody_reads(acme):
        report = migrate(canary_count=0)

    assert (report.state, report.migrated, report.held_up) == ("running", 2, ["acme"])
    assert (tenant("acme").status, quarantined()) == ("active", set())
    assert (move_of("acme").state, move_of("acme").attempt) == ("held_up", 0)
    assert latest_fleet_run().held_up == 1

    with platform_scope(reason="test"):
        FleetMove.objects.filter(state="held_up").update(leased_until=Now())
    assert advance_fleet_to_end(move_of("acme").run_id, connections=1) == "done"
    assert tenant("acme").schema_version == code_schema_version()


def test_a_transaction_past_its_time_is_final_and_says_so(fleet, release, monkeypatch):
    monkeypatch.setattr("provisioning.fleet.moving._SECONDS", 1)
    release(slow='    operations = [migrations.RunSQL("SELECT pg_sleep(1.5)", migrations.RunSQL.noop)]\n')

    report = migrate(canaries=["alpha"])

    assert report.state == "stopped"
    assert (move_of("alpha").state, move_of("alpha").attempt) == ("failed", 1)
    assert "a transaction of the fleet may take no longer" in move_of("alpha").error


def test_canaries_go_first_and_the_others_wait_for_all_of_them(fleet, release):
    fleet("acme", "kiln")
    release(columns=COLUMN_AND_INDEX)
    run = start(canaries=["kiln"])

    first = claim(run)

    assert first.tenant_id == tenant("kiln").pk
    assert claim(run) is None
    bring(run, first)
    assert claim(run) is not None


def test_the_smallest_is_the_canary_where_nobody_chose(fleet, release):
    (acme,) = fleet("acme")
    for row in (tenant("alpha"), tenant("beta")):
        execute(row.schema_name, "CREATE TABLE ballast AS SELECT generate_series(1, 20000) AS n; ANALYZE ballast")
    release(columns=COLUMN_AND_INDEX)

    run = start(canary_count=1)

    assert claim(run).tenant_id == acme.pk


@pytest.mark.parametrize("body", [COLUMN_AND_INDEX, CONCURRENT_INDEX], ids=["fast", "slow"])
def test_a_tenant_that_kills_its_worker_again_and_again_is_given_up(fleet, release, body):
    release(body=body)
    run = start(canaries=["alpha"])
    with platform_scope(reason="test"):
        FleetMove.objects.filter(wave=0).update(state="running", attempt=MAX_ATTEMPTS, leased_until=Now())

    advance_fleet(run.pk, limit=1)

    assert (move_of("alpha").state, quarantined()) == ("failed", {"alpha"})
    assert "lost 5 times" in move_of("alpha").error
    assert execute(tenant("alpha").schema_name, "SELECT to_regclass('service_colour')") == [(None,)]


def test_a_canary_must_be_somebody_who_is_behind(fleet, release):
    release(columns=COLUMN_AND_INDEX)

    with pytest.raises(Invalid):
        start(canaries=["nobody"])

    with platform_scope(reason="test"):
        assert not FleetRun.objects.exists()


def test_too_many_failures_of_a_wave_stop_the_run_before_the_next(fleet, release):
    fleet("acme", "kiln")
    two_categories_of_one_icon(tenant("acme").schema_name)
    release(icon=UNIQUE_ICON)

    report = migrate(canaries=["acme"], failure_limit=0)

    assert (report.state, report.migrated) == ("stopped", 0)
    assert "1 failed in the wave" in latest_fleet_run().run.error
    assert tenant("kiln").schema_version != code_schema_version()


def test_a_stopped_run_goes_on_when_somebody_says_so(fleet, release):
    fleet("acme", "kiln")
    for slug in ("acme", "kiln"):
        two_categories_of_one_icon(tenant(slug).schema_name)
    release(icon=UNIQUE_ICON)
    run = start(canaries=["acme"], failure_limit=0)
    advance_fleet_to_end(run.pk, connections=1)

    resume_fleet_run(actor=SYSTEM, run_id=run.public_id)
    again = advance_fleet_to_end(run.pk, connections=1)

    # The failure that somebody has seen does not count again; the next one does.
    assert again == "stopped"
    assert quarantined() == {"acme", "kiln"}


def test_a_paused_run_takes_nobody_and_a_resumed_one_all_the_rest(fleet, release):
    fleet("acme", "kiln")
    release(columns=COLUMN_AND_INDEX)
    run = start()
    assert advance_fleet(run.pk, limit=1) == "running"

    pause_fleet_run(actor=SYSTEM, run_id=run.public_id)
    assert advance_fleet_to_end(run.pk, connections=1) == "paused"
    with platform_scope(reason="test"):
        assert FleetMove.objects.filter(state="done").count() == 1
    resume_fleet_run(actor=SYSTEM, run_id=run.public_id)

    assert advance_fleet_to_end(run.pk, connections=1) == "done"
    with platform_scope(reason="test"):
        assert FleetMove.objects.filter(state="done").count() == 4


def test_a_second_run_is_not_begun_while_one_goes_on(fleet, release):
    release(columns=COLUMN_AND_INDEX)
    start()

    with pytest.raises(FleetNotReady):
        start_fleet_run(actor=SYSTEM)


def test_nothing_is_begun_where_nobody_is_behind(fleet):
    assert start_fleet_run(actor=SYSTEM) is None


def test_code_of_another_version_leaves_a_run_alone(fleet, release, settings):
    release(columns=COLUMN_AND_INDEX)
    run = start()
    from tests.provisioning.fleet.releases import _forget

    settings.MIGRATION_MODULES = {}
    _forget()

    assert advance_fleet(run.pk) == "running"
    assert advance_fleet_to_end(run.pk) == "running"
    with platform_scope(reason="test"):
        assert set(FleetMove.objects.values_list("state", flat=True)) == {"pending"}
    with pytest.raises(FleetNotReady, match="only code of that version"):
        resume_fleet_run(actor=SYSTEM, run_id=run.public_id)


def test_who_signs_up_at_the_old_version_meanwhile_is_taken_along(fleet, release):
    release(columns=COLUMN_AND_INDEX)
    run = start()
    with platform_scope(reason="test"):
        FleetMove.objects.filter(tenant_id=tenant("beta").pk).delete()

    assert advance_fleet_to_end(run.pk, connections=1) == "done"

    assert tenant("beta").schema_version == code_schema_version()


def test_a_tenant_deleted_meanwhile_holds_nobody_up(fleet, release):
    (acme,) = fleet("acme")
    release(columns=COLUMN_AND_INDEX)
    run = start()
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=acme.pk).delete()

    assert advance_fleet_to_end(run.pk, connections=1) == "done"


def test_a_tenant_that_is_being_erased_is_no_failure(fleet, release):
    """Its schema goes some steps before what the registry knows of it."""
    (acme,) = fleet("acme")
    release(columns=COLUMN_AND_INDEX)
    run = start(canaries=["acme"])
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=acme.pk).update(status=TenantStatus.ERASED)
    drop_schema(acme.schema_name)

    assert advance_fleet_to_end(run.pk, connections=1) == "done"

    with platform_scope(reason="test"):
        assert set(FleetMove.objects.values_list("state", flat=True)) == {"done"}
        assert FleetMove.objects.count() == 2
        assert not Quarantine.objects.exists()


def test_a_quarantined_tenant_is_left_out_until_it_is_released(fleet, release):
    quarantine_tenant(actor=SYSTEM, slug="alpha", reason="being looked at")
    release(columns=COLUMN_AND_INDEX)

    assert migrate().migrated == 1
    assert (tenant("alpha").status, _status_of_page("alpha")) == ("maintenance", 503)
    release_tenant(actor=SYSTEM, slug="alpha")
    assert tenant("alpha").status == "active"

    assert migrate().migrated == 1
    assert _status_of_page("alpha") == 200


def test_a_tenant_quarantined_in_the_middle_loses_what_is_not_committed(fleet, release):
    release(columns=COLUMN_AND_INDEX)
    run = start(canaries=["alpha"])
    move = claim(run)
    quarantine_tenant(actor=SYSTEM, slug="alpha", reason="stop it")

    bring(run, move)

    assert (move_of("alpha").state, move_of("alpha").error) == ("failed", "stop it")
    assert execute(tenant("alpha").schema_name, "SELECT to_regclass('service_colour')") == [(None,)]
