"""Carrying a run on: in order, by any number of workers, nothing twice."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections

from provisioning import services
from provisioning.errors import NotYet
from provisioning.models import Run, Step
from provisioning.run_reading import picture_of
from provisioning.saga import engine
from provisioning.saga.engine import advance
from provisioning.saga.step import SagaStep
from provisioning.types import RunState, StepState
from tenants.scope import owner_scope
from tests.factories.racing import race
from tests.provisioning.saga.journal import SYSTEM, again, create, expire_leases, lines, use, writer


def slow(name: str, prepare: Callable[[object], None]) -> type[SagaStep]:
    """A step that has something to do outside of the transaction first."""
    return type("Slow", (writer(name),), {"prepare": lambda _self, work: prepare(work)})


def test_a_run_does_its_steps_in_order_and_remembers_them():
    run = create()

    assert advance(run.pk) == RunState.DONE

    assert lines(run.pk) == ["first", "second", "third"]
    step = Step.objects.get(run=run, name="second")
    assert (step.state, step.attempt, step.result, step.error) == (StepState.DONE, 1, {"wrote": "second"}, "")
    assert step.duration_ms is not None
    assert step.leased_until is None
    assert again(run).finished_at >= again(run).started_at


@pytest.mark.parametrize("is_undo", [False, True])
def test_a_pause_after_somebody_asked_for_an_undo_is_no_negative_attempt(monkeypatch, is_undo):
    def wait(work) -> None:
        if is_undo:
            services.undo_run(actor=SYSTEM, run_id=again(run).public_id, confirmed_name="acme")
        raise NotYet("Others first.", wait=timedelta(minutes=1))

    use(monkeypatch, slow("first", wait))
    run = create()

    state = advance(run.pk)

    assert state == (RunState.UNDOING if is_undo else RunState.RUNNING)
    assert Step.objects.get(run=run).attempt == 0


def test_what_a_step_took_is_its_work_in_all_leases_and_no_waiting_between_them(monkeypatch):
    monkeypatch.setattr(engine, "_since", lambda _started: 1250)
    pauses = iter([NotYet("Others first.", wait=timedelta(minutes=1))])

    def work_in_two_goes(_work) -> None:
        if (pause := next(pauses, None)) is not None:
            raise pause

    use(monkeypatch, slow("first", work_in_two_goes))
    run = create()
    advance(run.pk)
    expire_leases()

    assert advance(run.pk) == RunState.DONE

    Run.objects.filter(pk=run.pk).update(created_at=again(run).finished_at - timedelta(hours=1))
    picture = picture_of(again(run))
    assert (picture.work_seconds, picture.seconds) == (2.5, 3600)


@pytest.mark.proves("races.provisioning")
@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.control)])
def test_one_key_gives_one_run_however_many_ask_at_once(guarded):
    """Without the constraint on keys (the negative control) each gets a run of its own."""
    with nullcontext() if guarded else _keys_given_again():
        found = race(6, lambda _number: create("same").pk)
        made = set(Run.objects.values_list("pk", flat=True))
        steps = Step.objects.count()

    assert set(found) == made
    assert len(made) == (1 if guarded else 6)
    assert steps == 3 * len(made)


@contextmanager
def _keys_given_again() -> Iterator[None]:
    """The table has no constraint on keys inside the block, and no rows after it."""
    with owner_scope(reason="negative control"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE provisioning_run DROP CONSTRAINT run_idempotency_key")
    try:
        yield
    finally:
        with owner_scope(reason="negative control"), connection.cursor() as cursor:
            cursor.execute("TRUNCATE provisioning_run CASCADE")
            cursor.execute("ALTER TABLE provisioning_run ADD CONSTRAINT run_idempotency_key UNIQUE (idempotency_key)")


@pytest.mark.proves("races.provisioning")
def test_many_workers_at_one_run_do_each_step_once():
    run, barrier = create(), Barrier(6)

    def work() -> None:
        try:
            barrier.wait()
            advance(run.pk)
        finally:
            connections.close_all()

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert advance(run.pk) == RunState.DONE
    assert lines(run.pk) == ["first", "second", "third"]
    assert list(Step.objects.values_list("attempt", flat=True)) == [1, 1, 1]


def test_advancing_a_finished_run_changes_nothing():
    run = create()
    advance(run.pk)

    assert advance(run.pk) == RunState.DONE

    assert lines(run.pk) == ["first", "second", "third"]


def test_a_step_whose_effect_is_there_already_is_not_done_again():
    run = create()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO journal (run, line) VALUES (%s, 'second')", [run.pk])

    advance(run.pk)

    assert sorted(lines(run.pk)) == ["first", "second", "third"]
    assert Step.objects.get(run=run, name="second").result == {}
