"""Workers killed with -9 at every moment of a tenant's migration: whoever comes next finishes, nothing twice."""

import pytest

from provisioning.fleet.engine import advance_fleet_to_end, waiting_fleet_runs
from provisioning.models import FleetMove, FleetRun
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.template import template_schema
from provisioning.tasks import sweep_fleet
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import platform_scope
from tests.factories.children import child
from tests.provisioning.fleet.looking import execute, quarantined, start, state_of, tenant
from tests.provisioning.fleet.releases import COLUMN_AND_INDEX, PYTHON, UNIQUE_ICON
from tests.provisioning.fleet.rigging import MOMENTS, QUICK_MOMENTS, work_until
from tests.provisioning.killing import killed_of, let_leases_end
from tests.provisioning.organizations import inventory

pytestmark = [pytest.mark.proves("faults.fleet"), pytest.mark.servers, pytest.mark.timeout(300)]

AT_SOME_TIME = [str(milliseconds) for milliseconds in range(25, 525, 50)]
SLUGS = [f"market-{letter}" for letter in "cdefghijklmnopqrstuvwxyz"]


def _kill_workers(run: FleetRun, moments: list[str]) -> set[str]:
    """One worker after the other, in the release that this process is in; whose moment came."""
    return killed_of([(moment, child(work_until, run.pk, moment)) for moment in moments], at_once=1)


def _whole(slug: str) -> None:
    row = tenant(slug)
    assert (row.status, row.schema_version) == ("active", code_schema_version())
    assert read_catalog(row.schema_name).differences(read_catalog(template_schema(code_schema_version()))) == []
    assert execute(row.schema_name, "SELECT name FROM catalog_category") == [("Lamps!",)]
    twice = "SELECT app, name FROM django_migrations GROUP BY 1, 2 HAVING count(*) > 1"
    assert execute(row.schema_name, twice) == []


def test_workers_killed_at_any_moment_leave_a_fleet_that_the_next_one_finishes(fleet, release):
    fleet(*SLUGS)
    for slug in ("alpha", "beta", *SLUGS):
        columns = "(public_id, name, slug, description, icon, position)"
        values = "(gen_random_uuid(), 'Lamps', 'lamps', '', 'lamp', 0)"
        execute(tenant(slug).schema_name, f"INSERT INTO catalog_category {columns} VALUES {values}")
    release(columns=COLUMN_AND_INDEX, python=PYTHON, icon=UNIQUE_ICON)
    run = start(canary_count=0)
    before = inventory()["schemas"]

    killed = _kill_workers(run, [*MOMENTS, *AT_SOME_TIME])
    assert state_of(run) == "running"
    let_leases_end(FleetMove)
    state = advance_fleet_to_end(run.pk)

    # On a quick machine a timer may hit nothing.
    assert killed - set(AT_SOME_TIME) == set(MOMENTS)
    assert (state, quarantined()) == ("done", set())
    for slug in ("alpha", "beta", *SLUGS):
        _whole(slug)
    # The template of the version that everybody has left goes when the run is done.
    assert [name for name in inventory()["schemas"] if name not in before] == []
    assert all(name.startswith("template_") for name in set(before) - set(inventory()["schemas"]))
    with platform_scope(reason="test"):
        assert set(FleetMove.objects.values_list("state", flat=True)) == {"done"}


def test_workers_killed_with_others_claimed_leave_each_tenant_whole(fleet, release):
    """On the quick way, in the middle of those that were claimed together: each is done once, and none is given up."""
    fleet(*SLUGS)
    release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)
    done, killed = [], set()

    for moment in QUICK_MOMENTS:
        killed |= _kill_workers(run, [moment])
        let_leases_end(FleetMove)
        with platform_scope(reason="test"):
            done.append(FleetMove.objects.filter(state="done").count())
    state = advance_fleet_to_end(run.pk)

    assert killed == set(QUICK_MOMENTS)
    assert done == sorted(done)
    assert (state, quarantined()) == ("done", set())
    template = read_catalog(template_schema(code_schema_version()))
    for slug in ("alpha", "beta", *SLUGS):
        schema = tenant(slug).schema_name
        assert read_catalog(schema).differences(template) == []
        assert execute(schema, "SELECT count(*) FROM django_migrations WHERE name = '0900_columns'") == [(1,)]


def test_the_sweeper_carries_on_what_a_killed_command_left(fleet, release):
    release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)

    assert _kill_workers(run, ["replayed"]) == {"replayed"}
    assert waiting_fleet_runs() == []
    let_leases_end(FleetMove)
    assert waiting_fleet_runs() == [run.pk]
    with platform_scope(reason="sweeper"):
        sweep_fleet.run()

    assert state_of(run) == "done"


@pytest.mark.control
def test_without_anybody_a_killed_run_stays_where_it_was(fleet, release):
    """Negative control: nothing else carries it on, and nothing of the killed transaction is there."""
    release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)

    assert _kill_workers(run, ["finished"]) == {"finished"}
    let_leases_end(FleetMove)

    assert state_of(run) == "running"
    with platform_scope(reason="test"):
        assert not Tenant.objects.filter(schema_version=code_schema_version()).exists()
    for slug in ("alpha", "beta"):
        assert execute(tenant(slug).schema_name, "SELECT to_regclass('service_colour')") == [(None,)]
