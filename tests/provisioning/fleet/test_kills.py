"""Workers killed with -9 at every moment of a tenant's migration: whoever comes next finishes, nothing twice."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.db.models.functions import Now

from ops.local.home import ROOT
from provisioning.fleet.engine import advance_fleet_to_end, waiting_fleet_runs
from provisioning.models import FleetMove, FleetRun
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.template import template_schema
from provisioning.tasks import sweep_fleet
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import platform_scope
from tests.provisioning.fleet.killed_crews import MOMENTS
from tests.provisioning.fleet.looking import execute, quarantined, start, state_of, tenant
from tests.provisioning.fleet.releases import APP, COLUMN_AND_INDEX, PYTHON, UNIQUE_ICON
from tests.provisioning.organizations import inventory
from tests.provisioning.processes import environment

pytestmark = [pytest.mark.proves("faults.fleet"), pytest.mark.servers, pytest.mark.timeout(300)]

AT_SOME_TIME = [str(milliseconds) for milliseconds in range(25, 525, 50)]
SLUGS = [f"market-{letter}" for letter in "cdefghijklmnopqrstuvwxyz"]


def _kill_workers(run: FleetRun, moments: list[str], folder: Path, package: str) -> int:
    """One worker after the other; how many were killed."""
    lines = f"from config.settings.test import *  # noqa: F403\nMIGRATION_MODULES = {{{APP!r}: {package!r}}}\n"
    (folder / "settings_of_release.py").write_text(lines)
    given = environment(DJANGO_SETTINGS_MODULE="settings_of_release")
    done = subprocess.run(
        [sys.executable, "-m", "tests.provisioning.fleet.killed_crews", str(run.pk)],
        input="\n".join(moments), env=given | {"PYTHONPATH": f"{given['PYTHONPATH']}:{folder}"}, cwd=ROOT,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(done.stdout.split()[-1])


def _let_leases_end() -> None:
    with platform_scope(reason="test"):
        FleetMove.objects.filter(leased_until__gt=Now()).update(leased_until=Now())


def _whole(slug: str) -> None:
    row = tenant(slug)
    assert (row.status, row.schema_version) == ("active", code_schema_version())
    assert read_catalog(row.schema_name).differences(read_catalog(template_schema(code_schema_version()))) == []
    assert execute(row.schema_name, "SELECT name FROM catalog_category") == [("Lamps!",)]
    twice = "SELECT app, name FROM django_migrations GROUP BY 1, 2 HAVING count(*) > 1"
    assert execute(row.schema_name, twice) == []


def test_workers_killed_at_any_moment_leave_a_fleet_that_the_next_one_finishes(fleet, release, tmp_path):
    fleet(*SLUGS)
    for slug in ("alpha", "beta", *SLUGS):
        columns = "(public_id, name, slug, description, icon, position)"
        values = "(gen_random_uuid(), 'Lamps', 'lamps', '', 'lamp', 0)"
        execute(tenant(slug).schema_name, f"INSERT INTO catalog_category {columns} VALUES {values}")
    package = release(columns=COLUMN_AND_INDEX, python=PYTHON, icon=UNIQUE_ICON)
    run = start(canary_count=0)
    before = inventory()["schemas"]

    killed = _kill_workers(run, [*MOMENTS, *AT_SOME_TIME], tmp_path, package)
    assert state_of(run) == "running"
    _let_leases_end()
    state = advance_fleet_to_end(run.pk)

    assert killed >= len(MOMENTS)
    assert (state, quarantined()) == ("done", set())
    for slug in ("alpha", "beta", *SLUGS):
        _whole(slug)
    # The template of the version that everybody has left goes when the run is done.
    assert [name for name in inventory()["schemas"] if name not in before] == []
    assert all(name.startswith("template_") for name in set(before) - set(inventory()["schemas"]))
    with platform_scope(reason="test"):
        assert set(FleetMove.objects.values_list("state", flat=True)) == {"done"}


def test_the_sweeper_carries_on_what_a_killed_command_left(fleet, release, tmp_path):
    package = release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)

    assert _kill_workers(run, ["replayed"], tmp_path, package) == 1
    assert waiting_fleet_runs() == []
    _let_leases_end()
    assert waiting_fleet_runs() == [run.pk]
    with platform_scope(reason="sweeper"):
        sweep_fleet.run()

    assert state_of(run) == "done"


@pytest.mark.control
def test_without_anybody_a_killed_run_stays_where_it_was(fleet, release, tmp_path):
    """Negative control: nothing else carries it on, and nothing of the killed transaction is there."""
    package = release(columns=COLUMN_AND_INDEX)
    run = start(canary_count=0)

    assert _kill_workers(run, ["finished"], tmp_path, package) == 1
    _let_leases_end()

    assert state_of(run) == "running"
    with platform_scope(reason="test"):
        assert not Tenant.objects.filter(schema_version=code_schema_version()).exists()
    for slug in ("alpha", "beta"):
        assert execute(tenant(slug).schema_name, "SELECT to_regclass('service_colour')") == [(None,)]
