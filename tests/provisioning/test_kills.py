"""Workers killed with -9 at every moment of a run or its undo: the sweeper finishes, nothing twice, nothing half."""

import pytest
from django.conf import settings

from provisioning import pool, services
from provisioning.models import Run
from provisioning.saga.engine import advance, waiting_runs
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.template import ensure_template
from provisioning.services import undo_run
from provisioning.types import RunKind, RunState
from shared_apps.plans.services import load_default_plans
from tenants.hosts import context_for
from tenants.scope import platform_scope
from tests.provisioning.killing import GOAL_SECONDS, kill_workers, let_leases_begin, let_leases_end, seconds_until_settled
from tests.provisioning.organizations import SYSTEM, again, inventory, requested, steps_of, tenant_ids

pytestmark = [
    pytest.mark.proves("faults.provisioning"),
    pytest.mark.servers,
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("own_database"),
]

STEPS = ["name", "schema", "blueprint", "domain", "theme", "subscription", "owner", "announce"]
# With the lease taken and nothing done; with everything done and nothing committed.
IN_EVERY_STEP = [f"{step} {moment}" for step in STEPS for moment in ("before", "inside")]
# With the step committed and the next one not leased.
BETWEEN_STEPS = ["name after", "schema after", "owner after", "announce after"]
AT_SOME_TIME = [f"after {milliseconds}" for milliseconds in (25, 50, 75, 100, 150, 200)]


@pytest.fixture(autouse=True)
def plans(own_database, monkeypatch, tmp_path):
    with platform_scope(reason="test"):
        load_default_plans()
    monkeypatch.setattr(services, "ring", lambda _run_pk: None)
    monkeypatch.setattr(settings, "MEDIA_ROOT", str(tmp_path / "media"))


def _whole(run: Run) -> None:
    run = again(run)
    tenant = context_for(run.tenant_id)
    assert run.state == RunState.DONE, run.error
    assert tenant.status == "active"
    assert read_catalog(tenant.schema).fingerprint == ensure_template().fingerprint


def test_a_worker_killed_at_any_moment_of_a_run_leaves_one_whole_organization(sweeper):
    fates = IN_EVERY_STEP + BETWEEN_STEPS + AT_SOME_TIME
    runs = [requested(f"market-no{number}x", key=str(number)) for number in range(len(fates))]
    pool.fill(len(runs) // 2)

    killed = kill_workers(zip(runs, fates, strict=True))
    let_leases_begin()
    seconds = seconds_until_settled(runs, sweeper)

    # On a busy machine, or a quick one, a timer may hit nothing.
    assert killed - set(AT_SOME_TIME) == {*IN_EVERY_STEP, *BETWEEN_STEPS}
    assert seconds <= GOAL_SECONDS
    assert len(tenant_ids()) == len(runs)
    for run in runs:
        _whole(run)
    schemas = {name for name in inventory()["schemas"] if name.startswith("t_")}
    assert schemas == {f"t_{tenant_id.hex}" for tenant_id in tenant_ids()} | _twins()


def test_a_worker_killed_at_any_moment_of_an_undo_leaves_nothing(sweeper):
    before = inventory()
    runs = [requested(f"market-no{number}x", key=str(number)) for number in range(len(IN_EVERY_STEP))]
    for run in runs:
        assert advance(run.pk) == RunState.DONE
        undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name=run.request["slug"])

    killed = kill_workers(zip(runs, IN_EVERY_STEP, strict=True))
    # How long they last is waited for in the test above.
    let_leases_end()
    seconds = seconds_until_settled(runs, sweeper)

    assert killed == set(IN_EVERY_STEP)
    assert seconds <= GOAL_SECONDS
    assert {again(run).state for run in runs} == {RunState.UNDONE}
    after = inventory()
    assert after["rows"].pop("tenants_releasedname") == len(runs)
    before["rows"].pop("tenants_releasedname")
    changed = {name: (count, after["rows"][name]) for name, count in before["rows"].items() if after["rows"][name] != count}
    assert changed == {}
    assert after == before


@pytest.mark.control
def test_without_the_sweeper_a_killed_run_stays_where_it_was():
    """Negative control: nothing else carries the run on."""
    run = requested("acme")

    assert kill_workers([(run, "domain before")]) == {"domain before"}
    let_leases_end()

    # Anybody might take it now, and nobody did.
    assert waiting_runs() == [run.pk]
    assert again(run).state == RunState.RUNNING
    assert [state for _name, state, _attempt in steps_of(run)][:4] == ["done", "done", "done", "running"]


@pytest.mark.control
def test_a_worker_that_does_not_meet_its_fate_is_not_taken_for_a_killed_one():
    """Negative control: one that finds nothing to do ends in peace, one whose fate names no step is an error."""
    run = requested("acme")

    assert kill_workers([(run, "announce inside")]) == {"announce inside"}
    assert kill_workers([(run, "name before")]) == set()
    with pytest.raises(AssertionError, match="'title before': 1"):
        kill_workers([(run, "title before")])


def test_a_schema_that_is_being_made_when_the_worker_dies_is_nowhere():
    """The pool is empty, so the schema is replayed in the step's transaction; it was complete when the worker died."""
    before = inventory()["schemas"]
    run = requested("acme")

    assert kill_workers([(run, "schema inside")]) == {"schema inside"}

    assert inventory()["schemas"] == before
    assert again(run).tenant_id is None
    assert RunKind(run.kind) is RunKind.CREATE_ORGANIZATION


def _twins() -> set[str]:
    from tests.factories.tenants import ALPHA_ID, BETA_ID

    return {f"t_{ALPHA_ID.hex}", f"t_{BETA_ID.hex}"}
