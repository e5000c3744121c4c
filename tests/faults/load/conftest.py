"""A PostgreSQL of the test's own, which can be restarted without taking it from anybody else."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections

from ops.local.databases import copied_database, template_database
from ops.local.home import local_home
from ops.local.postgres import LocalPostgres, start_postgres
from ops.local.process import stop_child
from tenants.context import TenantContext
from tenants.hosts import context_for, host_cache
from tests.factories.tenants import ALPHA_ID, BETA_ID, create_twins


@dataclass
class Server:
    """It keeps its promises as a deployment's does: what is committed is on the disk."""

    home: Path
    running: LocalPostgres

    def stop(self, how: signal.Signals) -> None:
        stop_child(self.running.child, how=how)

    def start(self) -> None:
        self.running = start_postgres(self.home, durable=True, port=self.running.port)


@pytest.fixture(scope="module")
def server(django_db_blocker, django_db_setup) -> Iterator[Server]:
    """This process's connections lead to it, and those of the processes that it starts."""
    home = local_home(f"restarted-{os.getpid()}")
    server = Server(home, start_postgres(home, durable=True))
    places = (connection.settings_dict, settings.DATABASES["default"])
    before = [place["PORT"] for place in places]
    try:
        connections.close_all()
        for place in places:
            place["PORT"] = server.running.port
        with django_db_blocker.unblock():
            yield server
    finally:
        connections.close_all()
        for place, port in zip(places, before, strict=True):
            place["PORT"] = port
        server.running.stop()
        shutil.rmtree(home)


@pytest.fixture(scope="module")
def twins_there(server) -> Iterator[str]:
    """The template of a database with two marketplaces, on that server."""
    with template_database(create_twins, depends_on=[]) as template:
        yield template


@pytest.fixture
def twins(twins_there) -> Iterator[tuple[TenantContext, TenantContext]]:
    """Two marketplaces in a database of the test's own on the server that is restarted."""
    with copied_database(twins_there, f"stoa_own_{os.urandom(6).hex()}"):
        # What is remembered of another database's tenants is not of this one's.
        host_cache._entries.clear()
        yield context_for(ALPHA_ID), context_for(BETA_ID)
