"""A pooler that mixes its clients' search paths is refused before anybody is served."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import psycopg
import pytest
from django.conf import settings

from ops.local.databases import address_of
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


def test_setting_up_asks_first(db, monkeypatch):
    from django.core.management import call_command

    def refuse() -> None:
        raise UntrackedPooler("no")

    monkeypatch.setattr("provisioning.management.commands.setup.refuse_untracking_pooler", refuse)

    with pytest.raises(UntrackedPooler):
        call_command("setup")
