"""Somebody who asks a host all the time, and somebody who writes all the time, while the marketplace moves."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import count

from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.test import RequestFactory

from tenants.errors import WritesPaused
from tenants.hosts import host_cache
from tenants.scope import tenant_scope
from tests.factories.market import make_category

PATIENCE_SECONDS = 60


class Host:
    """One marketplace's host, asked as a server of pages asks: environ in, status, headers and body out."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._application = WSGIHandler()

    def ask(self, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        told: list[tuple[int, dict[str, str]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            told.append((int(status[:3]), dict(headers)))

        address = {"PATH_INFO": path, "REQUEST_METHOD": method, "HTTP_HOST": self._name, "wsgi.input": BytesIO(b"")}
        answer = self._application(RequestFactory()._base_environ(**address), start_response)
        body = b"".join(answer)
        answer.close()
        return *told[0], body


class Writer:
    """Writes rows into whatever the host cache says the marketplace is, and keeps what was acknowledged."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._numbers = count()
        self.acknowledged: list[str] = []
        self.refused_at: list[float] = []
        self.written_at: list[float] = []

    def write(self) -> None:
        name = f"Row {next(self._numbers)}"
        tenant = host_cache.get(self._host)
        assert tenant is not None
        try:
            with tenant_scope(tenant):
                make_category(name)
        except WritesPaused:
            self.refused_at.append(time.monotonic())
            return
        self.acknowledged.append(name)
        self.written_at.append(time.monotonic())

    @property
    def paused_seconds(self) -> float:
        """From the last row before the first refusal to the first row after it."""
        before = max(moment for moment in self.written_at if moment < self.refused_at[0])
        return min(moment for moment in self.written_at if moment > self.refused_at[-1]) - before


class Reader:
    """Asks a page of the host, and counts the answers."""

    def __init__(self, host: str, path: str = "/") -> None:
        self._host, self._path = Host(host), path
        self.answers: Counter[int] = Counter()

    def read(self) -> None:
        status, _headers, _body = self._host.ask(self._path)
        self.answers[status] += 1


@contextmanager
def all_the_time(*works: Callable[[], None]) -> Generator[None]:
    """Do each of `works` again and again in a thread of its own, at least once before the block and once after it."""
    over, broken = threading.Event(), list[BaseException]()
    rounds = [count() for _ in works]
    seen = [threading.Semaphore(0) for _ in works]

    def repeat(work: Callable[[], None], done: threading.Semaphore, numbers: Iterator[int]) -> None:
        try:
            while not over.is_set():
                work()
                next(numbers)
                done.release()
            work()
        except BaseException as error:  # noqa: BLE001  # the test raises it
            broken.append(error)
            done.release()
        finally:
            connections.close_all()

    crew = [threading.Thread(target=repeat, args=each) for each in zip(works, seen, rounds, strict=True)]
    for member in crew:
        member.start()
    for done in seen:
        assert done.acquire(timeout=PATIENCE_SECONDS)
    try:
        yield
    finally:
        over.set()
        for member in crew:
            member.join(PATIENCE_SECONDS)
    assert broken == []
