"""Taking back what a run has made, from its end, by somebody who may and who says its name."""

import pytest

from kernel.actor import Actor
from kernel.errors import Conflict, Invalid, PermissionDenied
from provisioning import services
from provisioning.errors import RunNotReady
from provisioning.saga.engine import advance
from provisioning.types import RunState, StepState
from tests.provisioning.saga.journal import SYSTEM, again, create, lines, states, use, writer


def test_undoing_takes_everything_back_from_the_end():
    run = create()
    advance(run.pk)

    services.undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")

    assert advance(run.pk) == RunState.UNDONE
    assert lines(run.pk) == []
    assert states(run) == [StepState.UNDONE] * 3


def test_undoing_goes_backward(monkeypatch):
    order = []
    use(monkeypatch, *(writer(name, undo=lambda _work, name=name: order.append(name)) for name in ("a", "b", "c")))
    run = create()
    advance(run.pk)

    services.undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")
    advance(run.pk)

    assert order == ["c", "b", "a"]


def test_undoing_a_failed_run_leaves_out_what_never_began(monkeypatch):
    order = []

    def refuses(_work):
        raise Conflict("no")

    def note(name):
        return lambda _work: order.append(name)

    use(
        monkeypatch,
        writer("a", undo=note("a")),
        writer("b", do=refuses, undo=note("b")),
        writer("c", undo=note("c")),
    )
    run = create()
    advance(run.pk)

    services.undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")

    assert advance(run.pk) == RunState.UNDONE
    assert order == ["b", "a"]
    assert lines(run.pk) == []


@pytest.mark.proves("faults.provisioning")
def test_an_undo_that_fails_can_be_retried_and_goes_on_backward(monkeypatch):
    luck = {"good": False}

    def may_break(_work):
        if not luck["good"]:
            raise Conflict("still in use")

    use(monkeypatch, writer("a"), writer("b", undo=may_break))
    run = create()
    advance(run.pk)
    services.undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")
    assert advance(run.pk) == RunState.UNDO_FAILED
    assert lines(run.pk) == ["a", "b"]

    luck["good"] = True
    services.retry_run(actor=SYSTEM, run_id=run.public_id)

    assert advance(run.pk) == RunState.UNDONE
    assert lines(run.pk) == []


def test_undoing_asks_for_the_name():
    run = create()

    with pytest.raises(Invalid) as refused:
        services.undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acm")

    assert refused.value.field == "confirmed_name"
    assert again(run).state == RunState.PENDING


def test_what_cannot_be_asked_of_a_run_is_refused():
    run = create()

    with pytest.raises(RunNotReady):
        services.retry_run(actor=SYSTEM, run_id=run.public_id)
    with pytest.raises(PermissionDenied):
        services.undo_run(actor=Actor.guest(), run_id=run.public_id, confirmed_name="acme")
    services.undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")
    with pytest.raises(RunNotReady):
        services.undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")
