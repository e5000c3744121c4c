"""A crowd at one marketplace, on gunicorn's threads: it never holds them all, and who is too much is told when to return."""

from __future__ import annotations

import http.client
import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from ops.local.process import free_port
from tenants.context import TenantContext
from tenants.hosts import context_for
from tests.factories.children import child, living
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.faults.noise.doors import begun, let_go
from tests.faults.test_workers import wait_until
from tests.isolation.servers import wait_for

pytestmark = [pytest.mark.proves("faults.noise"), pytest.mark.servers, pytest.mark.timeout(300)]

THREADS, AT_ONCE, CROWD, NEIGHBOURS = 4, 3, 24, 20
_PATIENCE_SECONDS = 120

type Answer = tuple[int, str]


@pytest.fixture
def twins(own_database) -> tuple[TenantContext, TenantContext]:
    return context_for(ALPHA_ID), context_for(BETA_ID)


@contextmanager
def served(limits: dict[str, int], folder: Path) -> Iterator[int]:
    """The pages of a deployment whose every plan has these limits; the port."""
    port, log = free_port(), folder / "worker.log"
    log.touch()
    with living(child(_serve, limits, str(folder), port, log=log)) as process:
        wait_for(port, process.is_alive, log)
        yield port


def _serve(limits: dict[str, int], folder: str, port: int) -> None:
    from gunicorn.app.wsgiapp import run

    os.environ["STOA_HELD"] = folder
    settings.REQUEST_LIMITS = {"default": limits}
    settings.REDIS_PREFIX = settings.CACHES["default"]["KEY_PREFIX"] = f"test-{os.urandom(6).hex()}"
    options = [f"--bind=127.0.0.1:{port}", "--worker-class=gthread", f"--threads={THREADS}", "--timeout=120"]
    sys.argv = ["gunicorn", "tests.faults.noise.held", *options]
    run()


@contextmanager
def crowd(port: int, tenant: TenantContext, folder: Path) -> Iterator[list[Future[Answer]]]:
    """All ask at once for what takes as long as the block."""
    with ThreadPoolExecutor(CROWD) as visitors:
        try:
            yield [visitors.submit(ask, port, tenant, "/held/") for _ in range(CROWD)]
        finally:
            let_go(folder)


def ask(port: int, tenant: TenantContext, path: str) -> Answer:
    """The status, and when to come again."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", path, headers={"Host": tenant.primary_host})
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get("Retry-After", "")
    finally:
        connection.close()


def test_a_crowd_leaves_a_thread_to_the_neighbours_visitors(twins, count, tmp_path):
    noisy, quiet = twins
    with served({"at_once": AT_ONCE}, tmp_path) as port:
        with crowd(port, noisy, tmp_path) as asked:
            wait_until(lambda: sum(answer.done() for answer in asked) >= CROWD - AT_ONCE, tmp_path)
            meanwhile = [ask(port, quiet, "/")[0] for _ in range(NEIGHBOURS)]
            being_answered = begun(tmp_path)
        answers = [answer.result() for answer in asked]

    count(attempts=CROWD + NEIGHBOURS, failures=NEIGHBOURS - meanwhile.count(200))
    assert being_answered == AT_ONCE
    assert meanwhile == [200] * NEIGHBOURS
    assert Counter(answers) == {(200, ""): AT_ONCE, (429, "1"): CROWD - AT_ONCE}


@pytest.mark.control
def test_without_the_limit_one_marketplace_holds_every_thread(twins, tmp_path):
    """Negative control: whoever comes to the neighbour waits until the crowd has gone."""
    noisy, quiet = twins
    with served({}, tmp_path) as port, ThreadPoolExecutor(1) as visitor:
        with crowd(port, noisy, tmp_path) as asked:
            wait_until(lambda: begun(tmp_path) == THREADS, tmp_path)
            neighbour = visitor.submit(ask, port, quiet, "/")
            is_answered = neighbour.done()
        answers = [answer.result() for answer in asked]

    assert not is_answered
    assert neighbour.result()[0] == 200
    assert Counter(answers) == {(200, ""): CROWD}
