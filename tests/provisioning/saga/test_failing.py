"""Steps that break, refuse or lie: nothing half, another try, and an end that a person decides on."""

import pytest
from django.db import connection

from kernel.errors import Conflict
from provisioning import services
from provisioning.models import Step
from provisioning.saga.engine import advance, waiting_runs
from provisioning.types import RunState, StepState
from tests.factories.connections import cut_connection
from tests.provisioning.saga.journal import SYSTEM, again, create, expire_leases, lines, states, use, writer


@pytest.mark.proves("faults.provisioning")
def test_a_step_that_breaks_leaves_nothing_and_is_tried_again_after_a_pause(monkeypatch):
    def breaks(_work):
        raise ValueError("no luck")

    use(monkeypatch, writer("first"), writer("second", do=breaks))
    run = create()

    assert advance(run.pk) == RunState.RUNNING

    assert lines(run.pk) == ["first"]
    assert states(run) == [StepState.DONE, StepState.PENDING]
    assert Step.objects.get(run=run, name="second").error == "ValueError: no luck"
    assert waiting_runs() == []
    expire_leases()
    assert waiting_runs() == [run.pk]


@pytest.mark.proves("faults.provisioning")
def test_after_five_failures_the_run_has_failed_and_can_be_retried(monkeypatch):
    luck = {"good": False}

    def may_break(_work):
        if not luck["good"]:
            raise ValueError("no luck")

    use(monkeypatch, writer("first"), writer("second", do=may_break))
    run = create()
    for _ in range(5):
        expire_leases()
        advance(run.pk)
    assert again(run).state == RunState.FAILED
    assert again(run).error == "ValueError: no luck"
    assert waiting_runs() == []

    luck["good"] = True
    services.retry_run(actor=SYSTEM, run_id=run.public_id)

    assert advance(run.pk) == RunState.DONE
    assert lines(run.pk) == ["first", "second"]


def test_a_refusal_is_final_at_once_and_says_why(monkeypatch):
    def refuses(_work):
        raise Conflict("This name is taken.")

    use(monkeypatch, writer("first", do=refuses))
    run = create()

    assert advance(run.pk) == RunState.FAILED

    assert again(run).error == "This name is taken."
    assert Step.objects.get().attempt == 1


def test_a_step_without_its_effect_is_not_done(monkeypatch):
    class Liar(writer("first")):
        def do(self, work):
            return {}

    use(monkeypatch, Liar)
    run = create()

    advance(run.pk)

    assert states(run) == [StepState.PENDING]
    assert "StepNotVerified" in Step.objects.get().error


def test_a_run_of_a_newer_version_waits_for_code_that_knows_its_steps(monkeypatch):
    run = create()
    use(monkeypatch, writer("other"))

    assert advance(run.pk) == RunState.RUNNING

    assert "knows no step" in Step.objects.get(position=0).error


@pytest.mark.proves("faults.provisioning")
def test_a_broken_connection_is_a_failure_like_any_other(monkeypatch):
    use(monkeypatch, writer("first", do=lambda _work: cut_connection()))
    run = create()

    assert advance(run.pk) == RunState.RUNNING
    assert Step.objects.get().error != ""
    assert not connection.in_atomic_block
