"""Real prefork workers: killed in the middle of a job, or without the bells that a flush of Redis took, they lose none."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
import redis as redis_client
from django.db import transaction

from kernel import clock
from kernel.jobs import enqueue
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.upkeep import rings, sweep
from tenant_apps.catalog.models import Category
from tenants.hosts import context_for
from tenants.scope import platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.faults.workers.app import Loop, Work
from tests.isolation.servers import environment, running

pytestmark = [
    pytest.mark.proves("faults.jobs"),
    pytest.mark.servers,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("isolation-workers"),
]

JOBS = 10
_PATIENCE_SECONDS = 120.0


@pytest.fixture
def twins(own_database, redis, settings, tmp_path):
    """Two marketplaces, a Redis of their own, and a gate at which jobs can be stopped."""
    settings.JOB_KINDS = "tests.faults.workers.app.KINDS"
    rings.forget()
    os.mkfifo(tmp_path / "gate")
    yield context_for(ALPHA_ID), context_for(BETA_ID)
    rings.forget()


@contextmanager
def worker(redis, tmp_path):
    env = environment(REDIS_URL=redis.url(), REDIS_PREFIX=os.environ["REDIS_PREFIX"], STOA_GATE=str(tmp_path / "gate"))
    command = ["celery", "-A", "tests.faults.workers.app", "worker", "--pool=prefork", "--concurrency=2", "--loglevel=info"]
    flags = ["--without-mingle", "--without-gossip", "--without-heartbeat"]
    with running([*command, *flags], env=env, log=tmp_path / "worker.log") as child:
        yield child


def ask(tenant, *jobs: Work) -> None:
    for job in jobs:
        with tenant_scope(tenant), transaction.atomic():
            enqueue(job)


def names(tenant) -> list[str]:
    with tenant_scope(tenant):
        return sorted(Category.objects.filter(slug__startswith="did-").values_list("name", flat=True))


def has_begun(tenant) -> bool:
    with tenant_scope(tenant):
        return Category.objects.filter(slug="begun").exists()


def states() -> set[str]:
    with platform_scope(reason="test"):
        return set(OutboxMessage.objects.values_list("state", flat=True))


def done() -> int:
    with platform_scope(reason="test"):
        return OutboxMessage.objects.filter(state=MessageState.DONE).count()


def let_time_pass() -> None:
    """Leases run out, and what waits has waited for long."""
    with platform_scope(reason="test"):
        ago = clock.now() - timedelta(minutes=1)
        OutboxMessage.objects.filter(state=MessageState.LEASED).update(leased_until=ago)
        OutboxMessage.objects.filter(state=MessageState.PENDING).update(available_at=ago)


def wait_until(fact, tmp_path, *, meanwhile=lambda: None) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not fact() and time.monotonic() < deadline:
        meanwhile()
        time.sleep(0.1)
    assert fact(), (tmp_path / "worker.log").read_text()[-3000:]


def test_a_worker_killed_in_the_middle_of_a_job_loses_none_and_none_is_done_twice(twins, redis, tmp_path):
    alpha, beta = twins
    ask(alpha, *(Work(number, stops=number == 0) for number in range(JOBS)))
    ask(beta, *(Work(number) for number in range(JOBS)))

    with worker(redis, tmp_path) as victim:
        # Only then: what is killed between its effect and its note is done again, as every handler must bear.
        wait_until(lambda: has_begun(alpha) and done() == 2 * JOBS - 1, tmp_path, meanwhile=sweep)
        os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()
    let_time_pass()
    with worker(redis, tmp_path):
        wait_until(lambda: states() == {"done"}, tmp_path, meanwhile=sweep)

    assert names(alpha) == sorted(f"{number} alpha" for number in range(JOBS))
    assert names(beta) == sorted(f"{number} beta" for number in range(JOBS))
    with platform_scope(reason="test"):
        stopped = OutboxMessage.objects.get(payload__stops=True)
    assert (stopped.lost_leases, stopped.lease_token, stopped.attempts) == (1, 2, 2)


def test_a_handler_that_never_ends_loses_its_process_and_the_others_work_is_done(twins, redis, tmp_path):
    alpha, beta = twins
    ask(alpha, Loop(), Loop())

    with worker(redis, tmp_path):
        wait_until(lambda: states() == {"leased"}, tmp_path, meanwhile=sweep)
        ask(beta, *(Work(number) for number in range(JOBS)))
        wait_until(lambda: done() == JOBS, tmp_path, meanwhile=sweep)

    assert names(beta) == sorted(f"{number} beta" for number in range(JOBS))
    with platform_scope(reason="test"):
        assert all(OutboxMessage.objects.exclude(state=MessageState.DONE).values_list("lost_leases", flat=True))


def test_after_a_flush_of_redis_the_sweep_rings_for_everything(twins, redis, tmp_path):
    alpha, beta = twins
    for tenant in twins:
        ask(tenant, *(Work(number) for number in range(JOBS)))

    with redis_client.Redis.from_url(redis.url()) as client:
        client.flushall()
        bells_left = client.dbsize()
    let_time_pass()
    rung = sweep().rung
    with worker(redis, tmp_path):
        wait_until(lambda: states() == {"done"}, tmp_path, meanwhile=sweep)

    assert bells_left == 0
    assert len(rung) == 2 * 4
    assert names(alpha) == sorted(f"{number} alpha" for number in range(JOBS))
    assert names(beta) == sorted(f"{number} beta" for number in range(JOBS))
