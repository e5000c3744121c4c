"""Workers killed with -9 at every step of erasing: others finish it, nothing is left, and the twin has noticed nothing."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection

from provisioning.erasing import services as erasing_services
from provisioning.erasing.proving import proof_of
from provisioning.erasing.services import order_erasure
from provisioning.saga.engine import advance
from provisioning.steps import step_classes
from provisioning.types import RunKind, RunState
from shared_apps.closing.services import close_organization
from tenants.hosts import context_for
from tenants.schemas import existing_schemas, schema_for
from tenants.scope import owner_scope, platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID
from tests.isolation.marks import Marks
from tests.isolation.stock import Filler
from tests.provisioning.archives.conftest import NAMES, NOW
from tests.provisioning.killing import GOAL_SECONDS, kill_workers, let_leases_end, seconds_until_settled
from tests.provisioning.organizations import SYSTEM, again, requested

pytestmark = [
    pytest.mark.proves("faults.erasing"),
    pytest.mark.servers,
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("own_database"),
]

STEPS = [step.name for step in step_classes(RunKind.ERASE_ORGANIZATION)]
IN_EVERY_STEP = [f"{step} {moment}" for step in STEPS for moment in ("before", "inside")]
AT_SOME_TIME = [f"after {milliseconds}" for milliseconds in range(50, 250, 100)]


@pytest.fixture
def plans(own_database, monkeypatch, tmp_path):
    """As the sweeper's own file has it."""
    from provisioning import services
    from shared_apps.plans.services import load_default_plans

    for module in (services, erasing_services):
        monkeypatch.setattr(module, "ring", lambda _run_pk: None)
    monkeypatch.setattr(settings, "MEDIA_ROOT", str(tmp_path / "media"))
    monkeypatch.setattr(settings, "HOST_CACHE_FOLLOWED_SECONDS", 0)
    with platform_scope(reason="test"):
        load_default_plans()


def digest_of(schema: str) -> list[tuple[str, str]]:
    """A checksum of each table."""
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        sums = []
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{schema}"."{table}" t')
            sums.append((table, cursor.fetchone()[0]))
    return sums


def test_a_worker_killed_at_any_moment_of_erasing_leaves_nothing_that_was_to_go(plans, sweeper):
    with tenant_scope(context_for(ALPHA_ID)):
        Filler(Marks("alpha"), NAMES, NOW).fill()
    before = digest_of(schema_for(ALPHA_ID))
    fates = IN_EVERY_STEP + AT_SOME_TIME
    made = [requested(f"market-no{number}x") for number in range(len(fates))]
    assert {advance(run.pk) for run in made} == {RunState.DONE}
    tenants = [again(run).tenant_id for run in made]
    for tenant_id in tenants:
        close_organization(actor=SYSTEM, tenant_id=tenant_id)
    runs = [
        order_erasure(actor=SYSTEM, tenant_id=tenant_id, confirmed_name=run.request["slug"])
        for tenant_id, run in zip(tenants, made, strict=True)
    ]

    killed = kill_workers(zip(runs, fates, strict=True))
    let_leases_end()
    seconds = seconds_until_settled(runs, sweeper)

    # On a busy machine, or a quick one, a timer may hit nothing.
    assert killed - set(AT_SOME_TIME) == set(IN_EVERY_STEP)
    assert seconds <= GOAL_SECONDS
    for run in map(again, runs):
        assert run.state == RunState.DONE, run.error
        assert proof_of(run).found == 0
    assert existing_schemas(map(schema_for, tenants)) == set()
    assert digest_of(schema_for(ALPHA_ID)) == before
