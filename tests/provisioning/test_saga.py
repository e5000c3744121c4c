"""Runs and their steps: one worker at each, nothing twice, nothing half."""

from threading import Barrier, Thread
from time import monotonic

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils.functional import Promise

from kernel.actor import Actor
from kernel.errors import Conflict, Invalid, PermissionDenied
from provisioning import services, steps
from provisioning.errors import RunNotReady
from provisioning.models import Run, Step
from provisioning.saga import leases
from provisioning.saga.engine import advance, waiting_runs
from provisioning.saga.leases import lease_next
from provisioning.saga.step import SagaStep
from provisioning.types import OrganizationRequest, RunKind, RunState, StepState
from tenants.scope import owner_scope, platform_scope
from tests.factories.connections import cut_connection

pytestmark = pytest.mark.usefixtures("committed", "in_platform_scope")

SYSTEM = Actor.system("test")
REQUEST = OrganizationRequest(
    slug="acme", name="Acme", owner_email="ann@example.org", blueprint="tutoring", plan_code="starter"
)


@pytest.fixture
def in_platform_scope(committed):
    with platform_scope(reason="test"):
        yield


@pytest.fixture(autouse=True)
def three_steps(committed, monkeypatch):
    """Steps that write a line each into a table of their own."""
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS journal; CREATE TABLE journal (id serial, run bigint, line text)")
    monkeypatch.setitem(steps.STEPS, RunKind.CREATE_ORGANIZATION, (_writer("first"), _writer("second"), _writer("third")))
    monkeypatch.setattr(services, "ring", lambda _run_pk: None)


def _lines(run_pk: int) -> list[str]:
    with platform_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute("SELECT line FROM journal WHERE run = %s ORDER BY id", [run_pk])
        return [line for (line,) in cursor.fetchall()]


def _writer(step_name: str, do=None, undo=None) -> type[SagaStep]:
    class Writer(SagaStep):
        name = step_name
        label: Promise = step_name

        def check(self, work) -> bool:
            return step_name in _lines(work.run_pk)

        def do(self, work):
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO journal (run, line) VALUES (%s, %s)", [work.run_pk, step_name])
            if do is not None:
                do(work)
            return {"wrote": step_name}

        def undo(self, work) -> None:
            if undo is not None:
                undo(work)
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM journal WHERE run = %s AND line = %s", [work.run_pk, step_name])

    return Writer


def _use(monkeypatch, *classes) -> None:
    monkeypatch.setitem(steps.STEPS, RunKind.CREATE_ORGANIZATION, classes)


def _create(key: str = "key") -> Run:
    return services.create_run(actor=SYSTEM, request=REQUEST, idempotency_key=key)


def _states(run: Run) -> list[str]:
    return list(Step.objects.filter(run=run).order_by("position").values_list("state", flat=True))


def _again(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def _expire_leases() -> None:
    Step.objects.exclude(leased_until=None).update(leased_until="2020-01-01T00:00:00Z")


def test_a_run_does_its_steps_in_order_and_remembers_them():
    run = _create()

    assert advance(run.pk) == RunState.DONE

    assert _lines(run.pk) == ["first", "second", "third"]
    step = Step.objects.get(run=run, name="second")
    assert (step.state, step.attempt, step.result, step.error) == (StepState.DONE, 1, {"wrote": "second"}, "")
    assert step.duration_ms is not None
    assert step.leased_until is None
    assert _again(run).finished_at >= _again(run).started_at


def test_one_key_gives_one_run_however_many_ask_at_once():
    barrier, found = Barrier(6), []

    def ask() -> None:
        try:
            barrier.wait()
            with platform_scope(reason="test"):
                found.append(_create("same").pk)
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


def test_many_workers_at_one_run_do_each_step_once():
    run, barrier = _create(), Barrier(6)

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
    assert _lines(run.pk) == ["first", "second", "third"]
    assert list(Step.objects.values_list("attempt", flat=True)) == [1, 1, 1]


def test_advancing_a_finished_run_changes_nothing():
    run = _create()
    advance(run.pk)

    assert advance(run.pk) == RunState.DONE

    assert _lines(run.pk) == ["first", "second", "third"]


def test_a_step_whose_effect_is_there_already_is_not_done_again():
    run = _create()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO journal (run, line) VALUES (%s, 'second')", [run.pk])

    advance(run.pk)

    assert sorted(_lines(run.pk)) == ["first", "second", "third"]
    assert Step.objects.get(run=run, name="second").result == {}


def test_a_step_that_breaks_leaves_nothing_and_is_tried_again_after_a_pause(monkeypatch):
    def breaks(_work):
        raise ValueError("no luck")

    _use(monkeypatch, _writer("first"), _writer("second", do=breaks))
    run = _create()

    assert advance(run.pk) == RunState.RUNNING

    assert _lines(run.pk) == ["first"]
    assert _states(run) == [StepState.DONE, StepState.PENDING]
    assert Step.objects.get(run=run, name="second").error == "ValueError: no luck"
    assert waiting_runs() == []
    _expire_leases()
    assert waiting_runs() == [run.pk]


def test_after_five_failures_the_run_has_failed_and_can_be_retried(monkeypatch):
    luck = {"good": False}

    def may_break(_work):
        if not luck["good"]:
            raise ValueError("no luck")

    _use(monkeypatch, _writer("first"), _writer("second", do=may_break))
    run = _create()
    for _ in range(5):
        _expire_leases()
        advance(run.pk)
    assert _again(run).state == RunState.FAILED
    assert _again(run).error == "ValueError: no luck"
    assert waiting_runs() == []

    luck["good"] = True
    services.retry_run(actor=SYSTEM, run_id=run.public_id)

    assert advance(run.pk) == RunState.DONE
    assert _lines(run.pk) == ["first", "second"]


def test_a_refusal_is_final_at_once_and_says_why(monkeypatch):
    def refuses(_work):
        raise Conflict("This name is taken.")

    _use(monkeypatch, _writer("first", do=refuses))
    run = _create()

    assert advance(run.pk) == RunState.FAILED

    assert _again(run).error == "This name is taken."
    assert Step.objects.get().attempt == 1


def test_a_step_without_its_effect_is_not_done(monkeypatch):
    class Liar(_writer("first")):
        def do(self, work):
            return {}

    _use(monkeypatch, Liar)
    run = _create()

    advance(run.pk)

    assert _states(run) == [StepState.PENDING]
    assert "StepNotVerified" in Step.objects.get().error


def test_a_step_that_kills_its_workers_is_given_up():
    run = _create()
    for _ in range(leases.MAX_ATTEMPTS):
        assert lease_next(run.pk) is not None  # the worker dies here, five times
        _expire_leases()

    assert advance(run.pk) == RunState.FAILED

    assert "Gave up" in _again(run).error


def test_a_leased_step_is_left_alone_until_the_lease_ends():
    run = _create()
    lease_next(run.pk)

    assert advance(run.pk) == RunState.RUNNING
    assert waiting_runs() == []
    assert _lines(run.pk) == []

    _expire_leases()
    assert waiting_runs() == [run.pk]
    assert advance(run.pk) == RunState.DONE


def test_a_worker_that_comes_back_after_its_lease_is_rolled_back(monkeypatch):
    """The first worker is stopped inside its step; a second one takes the step over and finishes it."""

    def take_over(work):
        if Step.objects.get(run_id=work.run_pk).attempt == 1:
            rival = Thread(target=_take_over, args=(work.run_pk,))
            rival.start()
            rival.join()

    _use(monkeypatch, _writer("first", do=take_over))
    run = _create()

    assert advance(run.pk) == RunState.DONE

    assert _lines(run.pk) == ["first"]
    assert Step.objects.get().attempt == 2


def _take_over(run_pk: int) -> None:
    try:
        with platform_scope(reason="test"):
            _expire_leases()
            advance(run_pk)
    finally:
        connections.close_all()


def test_without_the_fence_the_step_is_done_twice(monkeypatch):
    def take_over(work):
        if Step.objects.get(run_id=work.run_pk).attempt == 1:
            rival = Thread(target=_take_over, args=(work.run_pk,))
            rival.start()
            rival.join()

    def settle_blindly(lease, **facts):
        return Step.objects.filter(pk=lease.step_pk).update(**facts) == 1

    monkeypatch.setattr(leases.Lease, "_settle", settle_blindly)
    _use(monkeypatch, _writer("first", do=take_over))
    run = _create()

    advance(run.pk)

    assert _lines(run.pk) == ["first", "first"]


def test_postgresql_ends_the_step_of_a_worker_that_is_stopped(monkeypatch):
    monkeypatch.setattr(settings, "PROVISIONING_LEASE_SECONDS", 1)

    def stops(_work):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(20)")

    _use(monkeypatch, _writer("first", do=stops))
    run, started = _create(), monotonic()

    assert advance(run.pk) == RunState.RUNNING

    assert monotonic() - started < 5
    assert _lines(run.pk) == []
    assert "timeout" in Step.objects.get().error


def test_undoing_takes_everything_back_from_the_end():
    run = _create()
    advance(run.pk)

    services.undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")

    assert advance(run.pk) == RunState.UNDONE
    assert _lines(run.pk) == []
    assert _states(run) == [StepState.UNDONE] * 3


def test_undoing_goes_backward(monkeypatch):
    order = []
    _use(monkeypatch, *(_writer(name, undo=lambda _work, name=name: order.append(name)) for name in ("a", "b", "c")))
    run = _create()
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

    _use(
        monkeypatch,
        _writer("a", undo=note("a")),
        _writer("b", do=refuses, undo=note("b")),
        _writer("c", undo=note("c")),
    )
    run = _create()
    advance(run.pk)

    services.undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")

    assert advance(run.pk) == RunState.UNDONE
    assert order == ["b", "a"]
    assert _lines(run.pk) == []


def test_an_undo_that_fails_can_be_retried_and_goes_on_backward(monkeypatch):
    luck = {"good": False}

    def may_break(_work):
        if not luck["good"]:
            raise Conflict("still in use")

    _use(monkeypatch, _writer("a"), _writer("b", undo=may_break))
    run = _create()
    advance(run.pk)
    services.undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")
    assert advance(run.pk) == RunState.UNDO_FAILED
    assert _lines(run.pk) == ["a", "b"]

    luck["good"] = True
    services.retry_run(actor=SYSTEM, run_id=run.public_id)

    assert advance(run.pk) == RunState.UNDONE
    assert _lines(run.pk) == []


def test_undoing_asks_for_the_name():
    run = _create()

    with pytest.raises(Invalid) as refused:
        services.undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acm")

    assert refused.value.field == "confirmed_name"
    assert _again(run).state == RunState.PENDING


def test_what_cannot_be_asked_of_a_run_is_refused():
    run = _create()

    with pytest.raises(RunNotReady):
        services.retry_run(actor=SYSTEM, run_id=run.public_id)
    with pytest.raises(PermissionDenied):
        services.undo_run(actor=Actor.guest(), run_id=run.public_id, confirmed_name="acme")
    services.undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")
    with pytest.raises(RunNotReady):
        services.undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")


def test_a_run_of_a_newer_version_waits_for_code_that_knows_its_steps(monkeypatch):
    run = _create()
    _use(monkeypatch, _writer("other"))

    assert advance(run.pk) == RunState.RUNNING

    assert "knows no step" in Step.objects.get(position=0).error


def test_a_broken_connection_is_a_failure_like_any_other(monkeypatch):
    _use(monkeypatch, _writer("first", do=lambda _work: cut_connection()))
    run = _create()

    assert advance(run.pk) == RunState.RUNNING
    assert Step.objects.get().error != ""
    assert not connection.in_atomic_block
