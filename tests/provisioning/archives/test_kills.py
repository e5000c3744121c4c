"""Workers killed with -9 at every moment of an import: the sweeper finishes it, no row twice, none missing."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.conf import settings

from provisioning import services
from provisioning.archives import services as archive_services
from provisioning.archives.services import import_organization
from provisioning.archives.writing import write_archive
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.filling import count_rows
from provisioning.schemas.template import ensure_template
from provisioning.steps import step_classes
from provisioning.types import RunKind, RunState
from shared_apps.plans.services import load_default_plans
from tenants.hosts import context_for
from tenants.schemas import schema_for
from tenants.scope import platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID
from tests.isolation.marks import Marks
from tests.isolation.stock import Filler
from tests.provisioning.archives.conftest import NAMES, NOW
from tests.provisioning.killing import GOAL_SECONDS, kill_workers, let_leases_end, seconds_until_settled
from tests.provisioning.organizations import SYSTEM, again

pytestmark = [
    pytest.mark.proves("faults.provisioning"),
    pytest.mark.servers,
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("own_database"),
]

STEPS = [step.name for step in step_classes(RunKind.IMPORT_ORGANIZATION)]
# The name was reserved with the request: that step finds it done and does nothing.
IN_EVERY_STEP = [
    f"{step} {moment}" for step in STEPS for moment in ("before", "inside") if (step, moment) != ("name", "inside")
]
AT_SOME_TIME = [f"after {milliseconds}" for milliseconds in range(25, 325, 25)]


@pytest.fixture
def plans(own_database, monkeypatch, tmp_path):
    """As the sweeper's own file has it."""
    for module in (services, archive_services):
        monkeypatch.setattr(module, "ring", lambda _run_pk: None)
    monkeypatch.setattr(settings, "MEDIA_ROOT", str(tmp_path / "media"))
    with platform_scope(reason="test"):
        load_default_plans()


@pytest.fixture
def archive(plans) -> bytes:
    market, file = context_for(ALPHA_ID), BytesIO()
    with tenant_scope(market):
        Filler(Marks("alpha"), NAMES, NOW).fill()
    write_archive(context_for(ALPHA_ID), file, tell=lambda _progress: None)
    return file.getvalue()


def test_a_worker_killed_at_any_moment_of_an_import_leaves_one_whole_organization(archive, sweeper):
    fates = IN_EVERY_STEP + AT_SOME_TIME
    runs = [
        import_organization(actor=SYSTEM, file=BytesIO(archive), slug=f"market-no{number}x") for number in range(len(fates))
    ]
    tables = ("accounts_user", "account_emailaddress", "bookings_booking", "catalog_category", "members_membership")
    expected = count_rows(schema_for(ALPHA_ID), tables)

    killed = kill_workers(zip(runs, fates, strict=True))
    # How long they last is waited for with new organizations.
    let_leases_end()
    seconds = seconds_until_settled(runs, sweeper)

    # On a busy machine, or a quick one, a timer may hit nothing.
    assert killed - set(AT_SOME_TIME) == set(IN_EVERY_STEP)
    assert seconds <= GOAL_SECONDS
    for run in map(again, runs):
        assert run.state == RunState.DONE, run.error
        tenant = context_for(run.tenant_id)
        assert tenant.status == "active"
        assert read_catalog(tenant.schema).fingerprint == ensure_template().fingerprint
        assert count_rows(tenant.schema, tables) == expected
