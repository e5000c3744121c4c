"""Several workers at one fleet: each tenant is one worker's, also when another was stopped or killed."""

from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import connection

from provisioning.fleet import engine, moves, moving
from provisioning.fleet.engine import advance_fleet, advance_fleet_to_end
from provisioning.fleet.prepared import Prepared
from provisioning.fleet.services import retry_tenant
from provisioning.fleet.stages import execute as run_executor
from provisioning.models import FleetMove
from provisioning.schemas.catalog import read_catalog
from tenants.scope import platform_scope
from tenants.wall import admin_connection
from tests.factories.racing import race
from tests.provisioning.fleet.looking import (
    SYSTEM,
    bring,
    claim,
    execute,
    move_of,
    start,
    tenant,
    two_categories_of_one_icon,
)
from tests.provisioning.fleet.releases import COLUMN_AND_INDEX, CONCURRENT_INDEX, PYTHON, UNIQUE_ICON

pytestmark = pytest.mark.proves("faults.fleet")

MANY = [f"market-{letter}" for letter in "cdefghijkl"]


def test_several_connections_bring_each_tenant_along_once(fleet, release):
    fleet(*MANY)
    release(columns=COLUMN_AND_INDEX)
    run = start()

    assert advance_fleet_to_end(run.pk, connections=4) == "done"

    with platform_scope(reason="test"):
        rows = list(FleetMove.objects.values_list("state", "attempt"))
    assert rows == [("done", 1)] * 12
    for slug in MANY:
        assert read_catalog(tenant(slug).schema_name) == read_catalog(tenant("alpha").schema_name)


def test_what_is_no_failure_of_the_database_ends_the_command_with_it(fleet, release, monkeypatch):
    """A thread's own end is heard by nobody: the command would begin anew for ever."""
    release(columns=COLUMN_AND_INDEX)
    run = start()

    def break_down(*_args, **_options):
        raise KeyError("no such thing")

    monkeypatch.setattr(engine, "bring_along", break_down)

    with pytest.raises(KeyError, match="no such thing"):
        advance_fleet_to_end(run.pk, connections=2)


def test_two_runs_of_the_command_share_the_work(fleet, release):
    fleet(*MANY)
    release(columns=COLUMN_AND_INDEX, python=PYTHON)
    run = start()

    ends = race(2, lambda _number: advance_fleet_to_end(run.pk, connections=2))

    assert ends == ["done", "done"]
    with platform_scope(reason="test"):
        # How often each was claimed is the machine's business: a worker slower than its lease is looked for by another.
        assert set(FleetMove.objects.values_list("state", flat=True)) == {"done"}
    for slug in MANY:
        noted = "SELECT count(*) FROM django_migrations WHERE name LIKE '090%'"
        assert execute(tenant(slug).schema_name, noted) == [(2,)]


def test_a_run_outlives_the_end_of_every_connection(fleet, release, monkeypatch):
    """As when PostgreSQL restarts: of the workers and of whoever waits for them."""
    monkeypatch.setattr(settings, "PROVISIONING_LEASE_SECONDS", 1)
    fleet(*MANY[:3])
    release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)
    whole, ended = engine.bring_along, []

    def restarting(*given, **named):
        if not ended:
            ended.append(True)
            with admin_connection(settings.DATABASES["default"]["NAME"]) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        return whole(*given, **named)

    monkeypatch.setattr(engine, "bring_along", restarting)

    assert advance_fleet_to_end(run.pk, connections=2) == "done"

    with platform_scope(reason="test"):
        assert set(FleetMove.objects.values_list("state", flat=True)) == {"done"}


def test_whom_somebody_has_tried_again_while_the_run_ends_is_not_left_behind(fleet, release, monkeypatch):
    two_categories_of_one_icon(tenant("alpha").schema_name)
    release(icon=UNIQUE_ICON)
    run, whole = start(canary_count=0), engine.enlist_latecomers

    def press_retry(ending):
        monkeypatch.setattr(engine, "enlist_latecomers", whole)
        retry_tenant(actor=SYSTEM, slug="alpha")
        return whole(ending)

    monkeypatch.setattr(engine, "enlist_latecomers", press_retry)

    assert advance_fleet(run.pk) == "running"

    execute(tenant("alpha").schema_name, "DELETE FROM catalog_category")
    assert advance_fleet(run.pk) == "done"
    assert move_of("alpha").state == "done"


def test_the_sweeper_works_for_a_time_and_not_for_a_number_of_tenants(fleet, release, monkeypatch):
    fleet(*MANY[:3])
    release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)
    clock = iter([0.0, 1.0, 1.0, 4.0, 4.0, 6.0])
    monkeypatch.setattr(engine, "_MOST", 1)
    monkeypatch.setattr(engine, "time", SimpleNamespace(monotonic=lambda: next(clock)))

    assert advance_fleet(run.pk, seconds=5) == "running"

    with platform_scope(reason="test"):
        assert FleetMove.objects.filter(state="done").count() == 2


@pytest.mark.control
def test_without_the_lock_on_the_move_two_workers_would_do_one_tenant(fleet, release, monkeypatch):
    """Negative control: what keeps a stopped worker from doing a tenant that another one took is the hold."""
    release(columns=COLUMN_AND_INDEX)
    run = start(canaries=["alpha"])
    stale = claim(run)
    with platform_scope(reason="test"):
        FleetMove.objects.update(leased_until=None)
    fresh = claim(run)
    assert fresh.tenant_id == stale.tenant_id

    bring(run, stale)
    assert execute(tenant("alpha").schema_name, "SELECT to_regclass('service_colour')") == [(None,)]

    anything = "SELECT 1 FROM public.provisioning_fleetmove WHERE id = $1 OR id = $2 LIMIT 1"
    monkeypatch.setattr(moves, "_HOLD", Prepared("fleet_hold", "bigint, bigint", anything))
    nothing = "SELECT 1 WHERE $1 > 0 AND $2 > 0 AND $4 <> $5"
    monkeypatch.setattr(moves, "_FINISH", Prepared("fleet_finish", "bigint, bigint, text, text, text", nothing))
    bring(run, stale)

    assert execute(tenant("alpha").schema_name, "SELECT to_regclass('service_colour')") != [(None,)]


def test_a_worker_whose_statement_still_runs_elsewhere_is_waited_for(fleet, release):
    release(concurrent=CONCURRENT_INDEX)
    run = start(canaries=["alpha"])
    with admin_connection(settings.DATABASES["default"]["NAME"]) as dead_workers:
        from tenants.session_locks import _key

        dead_workers.execute("SELECT pg_advisory_lock(%s)", [_key(f"fleet {tenant('alpha').schema_name}")])

        advance_fleet(run.pk)

        assert (move_of("alpha").state, move_of("alpha").attempt) == ("pending", 0)


def test_a_migration_that_closes_the_connection_is_not_carried_on_without_the_lock(fleet, release, monkeypatch):
    release(concurrent=CONCURRENT_INDEX)
    run = start(canaries=["alpha"])

    def close_and_run(schema, stage) -> None:
        connection.close()
        run_executor(schema, stage)

    monkeypatch.setattr(moving, "execute", close_and_run)

    advance_fleet(run.pk, limit=1)

    assert (move_of("alpha").state, move_of("alpha").attempt) == ("pending", 1)
    assert "lock on fleet" in move_of("alpha").error
    assert execute(tenant("alpha").schema_name, "SELECT to_regclass('service_title_quickly')") == [(None,)]


def test_an_index_left_half_built_is_built_anew(fleet, release):
    execute(tenant("alpha").schema_name, "CREATE INDEX service_title_quickly ON catalog_service (title)")
    release(concurrent=CONCURRENT_INDEX)
    run = start()
    with platform_scope(reason="test"):
        FleetMove.objects.update(attempt=1)
    # Its schema is not the old one any more: a worker died between the index and the note of it.

    advance_fleet_to_end(run.pk, connections=1)

    assert move_of("alpha").state == "done"
