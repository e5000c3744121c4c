"""A pooler that mixes its clients' search paths is refused before anybody is served."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from types import SimpleNamespace

import psycopg
import pytest
from celery.utils.dispatch import Signal
from django.conf import settings
from django.core.management import call_command
from psycopg import OperationalError

from config.celery import warm_up_worker
from config.warming import warm_up
from ops.local.databases import address_of
from tenants import pooling
from tenants.pooling import UntrackedPooler, refuse_untracking_pooler

pytestmark = pytest.mark.proves("isolation.wall")


def test_direct_connections_pass(db):
    refuse_untracking_pooler()


def test_a_pooler_that_gives_both_clients_one_server_connection_is_refused(db):
    with psycopg.connect(address_of(settings.DATABASES["default"]), autocommit=True) as shared:

        @contextmanager
        def lend():
            yield shared

        with pytest.raises(UntrackedPooler, match="session pooling"):
            refuse_untracking_pooler(lend)


class _Client:
    """A client of a pooler in transaction mode that has many servers and hands out the one that came back last.

    It keeps each client's settings apart, as one that tracks them would: only the servers tell.
    """

    def __init__(self, free: list[int]) -> None:
        self.free, self.held, self.value = free, 0, ""

    def execute(self, sql: str, values: list[str] | None = None) -> SimpleNamespace:
        server = self.held or self.free.pop()
        if not self.held:
            self.free.append(server)
        if values:
            self.value = values[0]
        answer = server if "pid" in sql else self.value
        return SimpleNamespace(fetchone=lambda: (answer,))

    @contextmanager
    def transaction(self):
        self.held = self.free.pop()
        yield
        self.free.append(self.held)
        self.held = 0


def test_a_pooler_with_many_servers_is_refused_however_lucky_its_clients_are():
    free = [11, 12, 13]

    @contextmanager
    def lend():
        yield _Client(free)

    with pytest.raises(UntrackedPooler, match="session pooling"):
        refuse_untracking_pooler(lend)


def refuse() -> None:
    """As behind a pooler in transaction mode."""
    raise UntrackedPooler("no")


def test_setting_up_asks_first(db, monkeypatch):
    monkeypatch.setattr("provisioning.management.commands.setup.refuse_untracking_pooler", refuse)

    with pytest.raises(UntrackedPooler):
        call_command("setup")


def start_web() -> None:
    importlib.reload(importlib.import_module("config.wsgi"))


def start_live() -> None:
    importlib.reload(importlib.import_module("config.asgi"))


def start_sweeper() -> None:
    call_command("sweeper", "--once")


def start_worker() -> None:
    # The listener alone, not whatever else waits for the signal.
    signal = Signal(name="worker_init")
    signal.connect(warm_up_worker)
    signal.send(sender=None)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (start_web, UntrackedPooler),
        (start_live, UntrackedPooler),
        (start_worker, SystemExit),
        (start_sweeper, UntrackedPooler),
    ],
)
def test_a_process_that_serves_tenants_does_not_start_behind_one(db, monkeypatch, start, end):
    monkeypatch.setattr(pooling, "refuse_untracking_pooler", refuse)

    with pytest.raises(end, match="no"):
        start()


def test_a_process_starts_although_the_database_is_away(monkeypatch):
    def find_nobody() -> None:
        raise OperationalError

    said: list[str] = []
    monkeypatch.setattr(pooling, "refuse_untracking_pooler", find_nobody)
    monkeypatch.setattr(pooling, "log", SimpleNamespace(warning=lambda event, **_: said.append(event)))

    warm_up()

    assert said == ["pooler not asked, the database is away"]
