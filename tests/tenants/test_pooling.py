"""A pooler that mixes its clients' search paths is refused before anybody is served."""

from __future__ import annotations

from contextlib import contextmanager

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


def test_setting_up_asks_first(db, monkeypatch):
    from django.core.management import call_command

    def refuse() -> None:
        raise UntrackedPooler("no")

    monkeypatch.setattr("provisioning.management.commands.setup.refuse_untracking_pooler", refuse)

    with pytest.raises(UntrackedPooler):
        call_command("setup")
