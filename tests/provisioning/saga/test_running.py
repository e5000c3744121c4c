"""Carrying a run on: in order, by any number of workers, nothing twice."""

from threading import Barrier, Thread

import pytest
from django.db import connection, connections

from provisioning.models import Run, Step
from provisioning.saga.engine import advance
from provisioning.types import RunState, StepState
from tenants.scope import platform_scope
from tests.provisioning.saga.journal import again, create, lines


def test_a_run_does_its_steps_in_order_and_remembers_them():
    run = create()

    assert advance(run.pk) == RunState.DONE

    assert lines(run.pk) == ["first", "second", "third"]
    step = Step.objects.get(run=run, name="second")
    assert (step.state, step.attempt, step.result, step.error) == (StepState.DONE, 1, {"wrote": "second"}, "")
    assert step.duration_ms is not None
    assert step.leased_until is None
    assert again(run).finished_at >= again(run).started_at


@pytest.mark.proves("races.provisioning")
def test_one_key_gives_one_run_however_many_ask_at_once():
    barrier, found = Barrier(6), []

    def ask() -> None:
        try:
            barrier.wait()
            with platform_scope(reason="test"):
                found.append(create("same").pk)
        finally:
            connections.close_all()

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 6
    assert set(found) == {Run.objects.get().pk}
    assert Step.objects.count() == 3


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
