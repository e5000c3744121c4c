"""A run that was begun and not ended: what the next release, the one before, and a mere restart make of it."""

from contextlib import contextmanager
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from provisioning.errors import FleetNotReady
from provisioning.fleet import enlisting, migrating, services
from provisioning.fleet.engine import advance_fleet
from provisioning.fleet.migrating import migrate_fleet
from provisioning.fleet.services import pause_fleet_run, resume_fleet_run, retry_tenant, start_fleet_run
from provisioning.models import FleetMove, FleetRun
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import platform_scope
from tenants.session_locks import _key
from tenants.wall import admin_connection
from tests.provisioning.fleet.looking import (
    SYSTEM,
    claim,
    execute,
    migrate,
    quarantined,
    start,
    state_of,
    tenant,
    two_categories_of_one_icon,
)
from tests.provisioning.fleet.releases import COLUMN_AND_INDEX, PYTHON, UNIQUE_ICON, released

pytestmark = pytest.mark.proves("faults.fleet")


@contextmanager
def somebody_at(slug: str):
    """A worker of other code that is on the slow road with this tenant, by the lock of its session."""
    with admin_connection(settings.DATABASES["default"]["NAME"]) as worker:
        worker.execute("SELECT pg_advisory_lock(%s)", [_key(f"fleet {tenant(slug).schema_name}")])
        yield


def _set_up() -> str:
    out, err = StringIO(), StringIO()
    with platform_scope(reason="manage.py"):
        call_command("setup", stdout=out, stderr=err)
    return out.getvalue() + err.getvalue()


def test_a_rollback_in_the_middle_of_a_run_does_not_keep_the_processes_from_starting(fleet, tmp_path):
    before = code_schema_version()
    with released(tmp_path, {"0900_columns": COLUMN_AND_INDEX}):
        run = start(canary_count=0)
        advance_fleet(run.pk, limit=1)

    said = _set_up()

    assert f"schema version {before}, 0 tenants migrated" in said
    # Who is ahead is left alone, and so is the run: its code may come back.
    assert state_of(run) == "running"


def test_a_hot_fix_with_a_migration_supersedes_a_run_that_was_killed(fleet, release, tmp_path):
    fleet("acme")
    with released(tmp_path, {"0900_columns": COLUMN_AND_INDEX}):
        killed = start(canary_count=0)
        advance_fleet(killed.pk, limit=1)
        left_in_the_middle = claim(killed)
    release(columns=COLUMN_AND_INDEX, icon=UNIQUE_ICON)

    said = _set_up()

    assert left_in_the_middle is not None
    assert "3 tenants migrated" in said
    assert state_of(killed) == "abandoned"
    assert {tenant(slug).schema_version for slug in ("alpha", "beta", "acme")} == {code_schema_version()}
    with platform_scope(reason="test"):
        assert set(FleetMove.objects.filter(run=killed).values_list("state", flat=True)) == {"done"}


def test_an_older_release_brings_along_who_is_behind_it_and_leaves_the_others(fleet, release, tmp_path):
    """The newer run is superseded: a tenant that neither had come to is brought to the older code's version."""
    fleet("acme")
    with released(tmp_path, {"0900_columns": COLUMN_AND_INDEX, "0901_icon": UNIQUE_ICON}):
        newer, ahead = start(canaries=["acme"]), code_schema_version()
        advance_fleet(newer.pk, limit=1)
    release(columns=COLUMN_AND_INDEX)

    report = migrate_fleet(actor=SYSTEM, connections=1)

    assert (report.state, report.migrated) == ("done", 2)
    assert tenant("acme").schema_version == ahead
    assert state_of(newer) == "abandoned"


def test_a_restart_while_a_run_is_paused_reports_it_and_goes_on(fleet, release):
    release(columns=COLUMN_AND_INDEX)
    run = start()
    pause_fleet_run(actor=SYSTEM, run_id=run.public_id)

    said = _set_up()

    assert "NOT MIGRATED YET: 2 tenants: the run is paused" in said
    assert state_of(run) == "paused"
    with platform_scope(reason="manage.py"), pytest.raises(CommandError, match="2 tenants are not migrated"):
        call_command("setup", "--strict", stdout=StringIO(), stderr=StringIO())


def test_a_restart_carries_a_killed_run_of_its_own_on(fleet, release):
    release(columns=COLUMN_AND_INDEX)
    run = start()

    assert "2 tenants migrated" in _set_up()

    assert state_of(run) == "done"


def test_of_two_that_begin_at_once_the_slower_one_works_along(fleet, release, monkeypatch):
    release(columns=COLUMN_AND_INDEX)

    def be_slower(**options):
        start_fleet_run(**options)
        return start_fleet_run(**options)

    monkeypatch.setattr(migrating, "start_fleet_run", be_slower)
    report = migrate_fleet(actor=SYSTEM, connections=1)

    assert (report.state, report.migrated) == ("done", 2)


def test_setting_up_stops_at_the_first_few_failures(fleet, release):
    slugs = [f"market-{letter}" for letter in "cdefgh"]
    fleet(*slugs)
    for slug in slugs:
        two_categories_of_one_icon(tenant(slug).schema_name)
    release(icon=UNIQUE_ICON)

    report = migrate_fleet(actor=SYSTEM, connections=1)

    assert report.state == "stopped"
    assert len(report.failed) == 4
    assert len(quarantined()) == 4


def test_a_worker_of_other_code_in_the_middle_of_a_tenant_is_waited_for(fleet, release, tmp_path, monkeypatch):
    monkeypatch.setattr("provisioning.fleet.superseding._PATIENCE_SECONDS", 0)
    with released(tmp_path, {"0900_python": PYTHON}):
        others = start(canaries=["alpha"])
        claim(others)
    release(columns=COLUMN_AND_INDEX)

    with somebody_at("alpha"), pytest.raises(FleetNotReady, match="still migrating alpha"):
        start()
    assert tenant("alpha").schema_version != code_schema_version()

    assert migrate().migrated == 2


def test_who_tries_again_too_early_waits_for_that_worker_once_more(fleet, release, tmp_path, monkeypatch):
    """The first try has ended its run, and it does not know of that before its next stage."""
    monkeypatch.setattr("provisioning.fleet.superseding._PATIENCE_SECONDS", 0)
    with released(tmp_path, {"0900_python": PYTHON}):
        claim(start(canaries=["alpha"]))
    release(columns=COLUMN_AND_INDEX)

    with somebody_at("alpha"):
        for _time in ("first", "second"):
            with pytest.raises(FleetNotReady, match="still migrating alpha"):
                start()

    assert migrate().migrated == 2


def test_a_superseded_run_is_neither_resumed_nor_retried(fleet, release, tmp_path):
    two_categories_of_one_icon(tenant("alpha").schema_name)
    with released(tmp_path, {"0900_icon": UNIQUE_ICON}):
        others = start(canaries=["alpha"])
        advance_fleet(others.pk)
        assert state_of(others) == "stopped"
    release(columns=COLUMN_AND_INDEX)
    start()

    with pytest.raises(FleetNotReady, match="Abandoned"):
        resume_fleet_run(actor=SYSTEM, run_id=others.public_id)
    with pytest.raises(FleetNotReady, match="release it"):
        retry_tenant(actor=SYSTEM, slug="alpha")


def test_a_canary_that_fails_stops_the_run_whatever_the_limit(fleet, release):
    fleet("acme", "kiln")
    two_categories_of_one_icon(tenant("acme").schema_name)
    release(icon=UNIQUE_ICON)

    report = migrate(canaries=["acme"], failure_limit=3)

    assert (report.state, report.migrated, list(report.failed)) == ("stopped", 0, ["acme"])
    with pytest.raises(FleetNotReady, match="resume that first"):
        retry_tenant(actor=SYSTEM, slug="acme")


def test_no_suspended_tenant_is_chosen_as_a_canary(fleet, release):
    with platform_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_tenant SET status = 'suspended' WHERE slug <> 'beta'")
    execute(tenant("beta").schema_name, "CREATE TABLE ballast AS SELECT generate_series(1, 20000) AS n; ANALYZE ballast")
    release(columns=COLUMN_AND_INDEX)

    run = start(canary_count=1)

    assert claim(run).tenant_id == tenant("beta").pk
    with platform_scope(reason="test"):
        assert FleetRun.objects.get(pk=run.pk).moves.filter(wave=0).count() == 1


def test_a_version_that_comes_up_while_other_code_is_waited_for_is_planned_outside_of_transactions(fleet, release, monkeypatch):
    """A migration that commits on its own can be tried nowhere else."""
    (acme,) = fleet("acme")
    release(columns=COLUMN_AND_INDEX)
    whole, inside = enlisting.make_plan, []

    def come_up(_target):
        Tenant.objects.filter(pk=acme.pk).update(schema_version="0123456789ab")

    def plan(source):
        inside.append(connection.in_atomic_block)
        return whole(source)

    monkeypatch.setattr(services, "abandon_runs_of_other_code", come_up)
    monkeypatch.setattr(enlisting, "make_plan", plan)
    report = migrate(canary_count=0)

    assert (report.state, report.migrated, inside) == ("done", 3, [False, False])
    assert tenant("acme").schema_version == code_schema_version()
