"""What the sweeper does itself, and what it leaves to the workers as long as there are any."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from provisioning.leasing import lease_seconds
from provisioning.models import Run, Step
from provisioning.saga import sweeping
from provisioning.saga.sweeping import RunSweep
from provisioning.services import create_run
from provisioning.types import OrganizationRequest, RunKind
from tenants.scope import platform_scope
from tests.factories.tenants import ALPHA_ID
from tests.provisioning.organizations import SYSTEM, requested

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def done(monkeypatch) -> list[int]:
    """Which runs were worked on."""
    done: list[int] = []
    monkeypatch.setattr(sweeping, "advance", done.append)
    return done


@pytest.fixture
def rung(monkeypatch) -> list[int]:
    rung: list[int] = []
    monkeypatch.setattr(sweeping, "ring", rung.append)
    return rung


def _archive(key: str, kind: RunKind = RunKind.ARCHIVE_ORGANIZATION) -> Run:
    request = OrganizationRequest(
        slug="alpha", name="Alpha", owner_email="a@b.example", blueprint="tutoring", plan_code="studio"
    )
    return create_run(actor=SYSTEM, request=request, idempotency_key=key, kind=kind, tenant_id=ALPHA_ID)


def _somebody_is_at(run: Run) -> None:
    with platform_scope(reason="test"):
        facts = {"leased_until": Now() + timedelta(hours=1), "lease_owner": "a worker"}
        assert Step.objects.filter(run=run, position=0).update(**facts)


def test_a_short_run_is_done_at_once(done, rung):
    run = requested()

    RunSweep().sweep()

    assert (done, rung) == ([run.pk], [])


@pytest.mark.parametrize("kind", [kind for kind in RunKind if kind is not RunKind.CREATE_ORGANIZATION])
def test_what_reads_or_writes_a_whole_organization_is_not_done_at_once(done, rung, kind):
    """Or the sweeper, which has other things to do, would be at it for as long as that is large."""
    run = _archive("one", kind)

    RunSweep().sweep()

    assert (done, rung) == ([], [run.pk])


def test_a_long_run_is_rung_for_and_done_when_nobody_comes(done, rung):
    run, sweep = _archive("one"), RunSweep()

    sweep.sweep()
    assert (done, rung) == ([], [run.pk])

    sweep.sweep()
    assert (done, rung) == ([run.pk], [run.pk])


def test_while_workers_are_there_long_runs_are_theirs(done, rung):
    """A night's snapshots: more than they do at once."""
    runs, sweep = [_archive(str(number)) for number in range(3)], RunSweep()
    _somebody_is_at(runs[0])

    for _ in range(3):
        sweep.sweep()

    assert (done, rung) == ([], [run.pk for run in runs[1:]])


def test_a_worker_that_died_is_nobody_who_comes(done, rung):
    """Its lease is there still, and moves no more."""
    dead, run, sweep = _archive("dead"), _archive("one"), RunSweep()
    with platform_scope(reason="test"):
        facts = {"leased_until": Now() + timedelta(seconds=lease_seconds()), "lease_owner": "a worker"}
        Step.objects.filter(run=dead).update(**facts)

    sweep.sweep()
    sweep.sweep()

    assert (done, rung) == ([run.pk], [run.pk])


def test_who_was_not_come_to_in_a_minute_is_rung_for_again(done, rung, monkeypatch):
    run, sweep = _archive("one"), RunSweep()
    _somebody_is_at(requested())
    sweep.sweep()

    monkeypatch.setattr(sweeping, "_RING_AGAIN_SECONDS", 0)
    sweep.sweep()

    assert (done, rung) == ([], [run.pk, run.pk])


def test_a_round_ends_when_its_time_is_over(done, rung, monkeypatch):
    monkeypatch.setattr(sweeping, "_SECONDS", 0)
    first, _second = requested("acme"), requested("other")

    RunSweep().sweep()

    assert done == [first.pk]
