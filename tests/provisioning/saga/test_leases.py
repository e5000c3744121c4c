"""Workers that die, are stopped or come back late: one at a step, and the fence decides."""

from threading import Thread
from time import monotonic

import pytest
from django.conf import settings
from django.db import connection

from provisioning.models import Step
from provisioning.saga import leases
from provisioning.saga.engine import advance, waiting_runs
from provisioning.saga.leases import lease_next
from provisioning.types import RunState
from tests.provisioning.saga.journal import again, create, expire_leases, lines, overtake, use, writer

pytestmark = pytest.mark.proves("faults.provisioning")


def test_a_step_that_kills_its_workers_is_given_up():
    run = create()
    for _ in range(leases.MAX_ATTEMPTS):
        assert lease_next(run.pk) is not None  # the worker dies here, five times
        expire_leases()

    assert advance(run.pk) == RunState.FAILED

    assert "Gave up" in again(run).error


def test_a_leased_step_is_left_alone_until_the_lease_ends():
    run = create()
    lease_next(run.pk)

    assert advance(run.pk) == RunState.RUNNING
    assert waiting_runs() == []
    assert lines(run.pk) == []

    expire_leases()
    assert waiting_runs() == [run.pk]
    assert advance(run.pk) == RunState.DONE


def test_a_worker_that_comes_back_after_its_lease_is_rolled_back(monkeypatch):
    """The first worker is stopped inside its step; a second one takes the step over and finishes it."""

    def take_over(work):
        if Step.objects.get(run_id=work.run_pk).attempt == 1:
            rival = Thread(target=overtake, args=(work.run_pk,))
            rival.start()
            rival.join()

    use(monkeypatch, writer("first", do=take_over))
    run = create()

    assert advance(run.pk) == RunState.DONE

    assert lines(run.pk) == ["first"]
    assert Step.objects.get().attempt == 2


@pytest.mark.control
def test_without_the_fence_the_step_is_done_twice(monkeypatch):
    def take_over(work):
        if Step.objects.get(run_id=work.run_pk).attempt == 1:
            rival = Thread(target=overtake, args=(work.run_pk,))
            rival.start()
            rival.join()

    def settle_blindly(lease, **facts):
        return Step.objects.filter(pk=lease.step_pk).update(**facts) == 1

    monkeypatch.setattr(leases.Lease, "_settle", settle_blindly)
    use(monkeypatch, writer("first", do=take_over))
    run = create()

    advance(run.pk)

    assert lines(run.pk) == ["first", "first"]


def test_postgresql_ends_the_step_of_a_worker_that_is_stopped(monkeypatch):
    monkeypatch.setattr(settings, "PROVISIONING_LEASE_SECONDS", 1)

    def stops(_work):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(20)")

    use(monkeypatch, writer("first", do=stops))
    run, started = create(), monotonic()

    assert advance(run.pk) == RunState.RUNNING

    assert monotonic() - started < 5
    assert lines(run.pk) == []
    assert "timeout" in Step.objects.get().error
