"""A second PostgreSQL server, prepared as `manage.py setup` prepares a cluster; each test has a database of its own on both."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.db.utils import ConnectionHandler
from psycopg import sql

from kernel.breaker import Breaker
from kernel.outbox import reach
from ops.local.home import local_home
from ops.local.postgres import LocalPostgres, start_postgres
from provisioning import moves, services
from shared_apps.plans.services import load_default_plans
from tenants.backend.handler import follow_scopes
from tenants.clusters import on_cluster
from tenants.granting import execute_fully
from tenants.schemas import migrate_public
from tenants.scope import platform_scope, tenant_scope
from tenants.wall import admin_connection, rights_on_database
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.isolation.marks import Marks
from tests.isolation.stock import Filler
from tests.provisioning.archives.conftest import NAMES, NOW
from tests.provisioning.clusters.places import EAST, now_of

_TEMPLATE = "stoa_east_template"


@pytest.fixture(scope="session")
def east_server(tmp_path_factory, django_db_blocker, django_db_setup) -> Generator[LocalPostgres]:
    """Another server, with a database in which nobody lives yet."""
    home = Path(os.environ.get("STOA_TEST_HOME", local_home("test"))) / f"east-{os.getpid()}"
    server = start_postgres(home, durable=False)
    try:
        with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
            _name_east(patch, server, _TEMPLATE)
            with on_cluster(EAST):
                with admin_connection("postgres") as admin:
                    admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_TEMPLATE)))
                migrate_public()
            _forget_east()
        yield server
    finally:
        server.stop()
        _remove(home)


@pytest.fixture
def two_clusters(east_server, own_database, monkeypatch, tmp_path) -> Generator[None]:
    """`default` with the twins, `east` with nobody; what runs there is carried on by the test."""
    name = f"stoa_east_{os.urandom(6).hex()}"
    _name_east(monkeypatch, east_server, name)
    with on_cluster(EAST), admin_connection("postgres") as admin:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        admin.execute(copy.format(sql.Identifier(name), sql.Identifier(_TEMPLATE)))
        for statement in rights_on_database(name):
            execute_fully(admin, statement)
    # Whether a cluster was away is of the test before.
    monkeypatch.setattr(reach, "_breakers", defaultdict(lambda: Breaker(60)))
    for module in (services, moves):
        monkeypatch.setattr(module, "ring", lambda _run_pk: None)
    monkeypatch.setattr(settings, "MEDIA_ROOT", str(tmp_path / "media"))
    with platform_scope(reason="test"):
        load_default_plans()
    yield
    _forget_east()
    # A test may have had it lead nowhere.
    settings.ADMIN_CLUSTERS[EAST]["PORT"] = settings.DATABASES[EAST]["PORT"] = str(east_server.port)
    with on_cluster(EAST), admin_connection("postgres") as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def furnished(two_clusters) -> None:
    """Alpha and beta, each with one of everything."""
    for tenant_id, owner in ((ALPHA_ID, "alpha"), (BETA_ID, "beta")):
        with tenant_scope(now_of(tenant_id)):
            Filler(Marks(owner), NAMES, NOW).fill()


@pytest.fixture
def signs(monkeypatch) -> None:
    monkeypatch.setattr(settings, "EVENT_SUBSCRIPTIONS", "tests.provisioning.clusters.listening.SUBSCRIPTIONS")


def _name_east(patch: pytest.MonkeyPatch, server: LocalPostgres, database: str) -> None:
    logins = {kind: _login(address) for kind, address in server.addresses(database).items()}
    entry: dict[str, Any] = {**settings.DATABASES["default"], "NAME": database, "HOST": "127.0.0.1", "PORT": str(server.port)}
    patch.setitem(settings.DATABASES, EAST, entry | {"USER": logins["DATABASE_URL"], "PASSWORD": ""})
    patch.setitem(settings.ADMIN_CLUSTERS, EAST, entry | {"USER": logins["ADMIN_DATABASE_URL"], "PASSWORD": ""})
    patch.setitem(settings.PAGES_CLUSTERS, EAST, settings.DATABASES[EAST])
    follow_scopes()


def _login(address: str) -> str:
    return address.removeprefix("postgresql://").partition("@")[0]


def _forget_east() -> None:
    connections.close_all()
    connections.__class__ = ConnectionHandler
    if hasattr(connections._connections, EAST):
        del connections[EAST]


def _remove(home: Path) -> None:
    import shutil

    shutil.rmtree(home, ignore_errors=True)
