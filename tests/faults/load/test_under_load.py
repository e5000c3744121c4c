"""PostgreSQL restarts, and Redis forgets everything, while people book: nothing acknowledged is lost (F08, F11)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis as redis_client
from django.db import connections, transaction

from kernel.ids import format_public_id
from kernel.jobs import enqueue
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.upkeep import rings, sweep
from ops.local.process import free_port
from tenant_apps.bookings.models import Booking
from tenant_apps.catalog.models import Category, Service
from tenants.scope import platform_scope, tenant_scope
from tests.bookings.rows import make_booking
from tests.faults.load.visitors import Marketplace, Visitors, lost_or_doubled, opened
from tests.faults.test_workers import let_time_pass, wait_until
from tests.faults.workers.app import Once
from tests.isolation.servers import environment, running, wait_for

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]
restarts = pytest.mark.proves("faults.postgres")
flushes = pytest.mark.proves("faults.redis")

JOBS, BOOKINGS = 10, 10


@pytest.fixture
def marketplaces(twins, redis, settings, tmp_path) -> Iterator[list[Marketplace]]:
    """Two that are booked at, on a PostgreSQL and a Redis of their own."""
    settings.JOB_KINDS = "tests.faults.workers.app.KINDS"
    settings.MEDIA_ROOT = str(tmp_path)
    rings.forget()
    yield [opened(tenant) for tenant in twins]
    rings.forget()


@contextmanager
def everything(redis, tmp_path) -> Iterator[int]:
    """gunicorn's threads and a prefork worker; the port."""
    port, log = free_port(), tmp_path / "web.log"
    env = environment(REDIS_URL=redis.url(), REDIS_PREFIX=os.environ["REDIS_PREFIX"], STOA_GATE=str(tmp_path / "gate"))
    web = ["gunicorn", "tests.isolation.soak.wsgi", f"--bind=127.0.0.1:{port}", "--worker-class=gthread", "--threads=4"]
    work = ["celery", "-A", "tests.faults.workers.app", "worker", "--pool=prefork", "--concurrency=2", "--without-mingle"]
    with running([*web, "--timeout=120"], env=env, log=log) as pages, running(work, env=env, log=tmp_path / "worker.log"):
        wait_for(port, lambda: pages.poll() is None, log)
        yield port


def ask_for_jobs(marketplaces: list[Marketplace], numbers: range) -> None:
    for market in marketplaces:
        for number in numbers:
            with tenant_scope(market.tenant), transaction.atomic():
                enqueue(Once(number))


def undone_jobs(marketplaces: list[Marketplace]) -> list[str]:
    """Jobs that were asked for and have not left their row."""
    return [
        f"{market.tenant.slug}: {number}" for market in marketplaces for number in sorted(set(range(JOBS)) - _done_jobs(market))
    ]


def _done_jobs(market: Marketplace) -> set[int]:
    with tenant_scope(market.tenant):
        names = Category.objects.filter(slug__startswith="once-").values_list("name", flat=True)
        return {int(name.split()[0]) for name in names}


def are_jobs_settled() -> bool:
    with platform_scope(reason="test"):
        return not OutboxMessage.objects.filter(event_type=Once.event_type).exclude(state=MessageState.DONE).exists()


def wait_for_jobs(tmp_path: Path) -> None:
    """As the sweeper does: leases of those that lost their database end, and what waits is rung for."""
    let_time_pass()
    wait_until(are_jobs_settled, tmp_path, meanwhile=sweep)


@restarts
def test_restarts_of_postgresql_lose_nothing_and_are_over_when_it_is_back(marketplaces, server, redis, tmp_path, count):
    """First it is asked to end, then it is made to: its own recovery does the rest."""
    late: list[str] = []
    up_at = float("-inf")
    with everything(redis, tmp_path) as port:
        visitors = Visitors(port, marketplaces)
        with visitors.booking():
            for half, how in enumerate((signal.SIGINT, signal.SIGQUIT)):
                ask_for_jobs(marketplaces, range(half * JOBS // 2, (half + 1) * JOBS // 2))
                visitors.wait_for_more(BOOKINGS, lambda: _end_of(tmp_path / "web.log"))
                # None before it is stopped, and none any more that began when it is back: nobody restarts a process.
                late += visitors.troubles_of(begun_after=up_at)
                server.stop(how)
                connections.close_all()
                server.start()
                up_at = time.monotonic()
            visitors.wait_for_more(BOOKINGS, lambda: _end_of(tmp_path / "web.log"))
            late += visitors.troubles_of(begun_after=up_at)
        wait_for_jobs(tmp_path)

    lost = [text for market in marketplaces for text in lost_or_doubled(market)] + undone_jobs(marketplaces)
    count(attempts=visitors.acknowledged + 2 * JOBS, failures=len(lost) + len(late))
    assert lost == []
    assert late == []


@flushes
def test_a_redis_that_forgets_everything_loses_nothing_and_troubles_nobody(marketplaces, redis, tmp_path, count):
    with everything(redis, tmp_path) as port, redis_client.Redis.from_url(redis.url()) as client:
        visitors = Visitors(port, marketplaces)
        with visitors.booking():
            for half in range(2):
                ask_for_jobs(marketplaces, range(half * JOBS // 2, (half + 1) * JOBS // 2))
                client.flushall()
                visitors.wait_for_more(BOOKINGS, lambda: _end_of(tmp_path / "web.log"))
        wait_for_jobs(tmp_path)

    lost = [text for market in marketplaces for text in lost_or_doubled(market)] + undone_jobs(marketplaces)
    count(attempts=visitors.acknowledged + 2 * JOBS, failures=len(lost) + len(visitors.troubles))
    assert lost == []
    assert visitors.troubles == []


@restarts
@flushes
@pytest.mark.control
def test_what_is_lost_or_there_twice_is_named(marketplaces):
    """Negative control: a booking that somebody was told of and that is gone, one that is there twice, a job nobody did."""
    market = marketplaces[0]
    with tenant_scope(market.tenant):
        service = Service.objects.get()
        kept, gone, again = (make_booking(service, next(market.slots), last_name=name) for name in ("Anna", "Berta", "Anna"))
        market.acknowledged = [format_public_id("bkg", booking.public_id) for booking in (kept, gone, again)]
        Booking.objects.filter(pk=gone.pk).delete()

    assert lost_or_doubled(market) == [f"lost: {market.acknowledged[1]}", "twice: Anna"]
    assert len(undone_jobs(marketplaces)) == 2 * JOBS


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:]
