"""A database per worker, copied from a template that holds two migrated tenants; built once per set of migrations."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def template_database(django_db_blocker) -> str:
    """The name of the template database, made when there is none for the code as it is."""
    name = f"stoa_template_{_fingerprint()}"
    with django_db_blocker.unblock(), _one_at_a_time(), _admin() as admin:
        if not _exists(admin, name):
            _build(admin, name)
    return name


@pytest.fixture(scope="session")
def django_db_setup(template_database, django_db_blocker) -> Generator[None]:
    """Replaces pytest-django's: one copy of the template for this worker."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"stoa_{worker}_{os.getpid()}"
    with django_db_blocker.unblock(), _copied(template_database, name):
        yield


@pytest.fixture
def own_database(template_database, django_db_blocker) -> Generator[str]:
    """A fresh copy for one test that commits, races threads or starts processes. Yields the database's name."""
    name = f"stoa_own_{os.urandom(6).hex()}"
    with django_db_blocker.unblock(), _copied(template_database, name):
        yield name


@contextmanager
def _copied(template: str, name: str) -> Generator[None]:
    before = connection.settings_dict["NAME"]
    connections.close_all()
    with _admin() as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    _point_at(name)
    try:
        yield
    finally:
        connections.close_all()
        _point_at(before)
        with _admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _point_at(name: str) -> None:
    # Threads make their own connections from the same settings.
    connection.settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name


def _build(admin: psycopg.Connection, name: str) -> None:
    from tests.factories.tenants import create_twins

    building = f"{name}_building"
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(building)))
    admin.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'").format(
            sql.Identifier(building)
        )
    )
    before = connection.settings_dict["NAME"]
    connections.close_all()
    _point_at(building)
    try:
        create_twins()
    finally:
        connections.close_all()
        _point_at(before)
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(name)))


def _exists(admin: psycopg.Connection, name: str) -> bool:
    return admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


@contextmanager
def _admin() -> Generator[psycopg.Connection]:
    database = settings.DATABASES["default"]
    with psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        user=database["USER"],
        password=database["PASSWORD"] or None,
        dbname="postgres",
        autocommit=True,
    ) as admin:
        yield admin


@contextmanager
def _one_at_a_time() -> Generator[None]:
    with (Path(tempfile.gettempdir()) / "stoa-template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fingerprint() -> str:
    digest = hashlib.sha256()
    folders = ("platform", "tenants", "shared_apps", "tenant_apps", "provisioning")
    paths = [path for folder in folders for path in (ROOT / folder).glob("**/migrations/*.py")]
    paths += [
        ROOT / "requirements" / "dev.txt",
        ROOT / "tests" / "factories" / "tenants.py",
        ROOT / "platform/config/settings/apps.py",
    ]
    for path in sorted(paths):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
