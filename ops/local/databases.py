"""Databases of tests and benchmarks: made empty, filled once as a template, copied in 50 ms, dropped."""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from django.conf import settings
from django.db import connection, connections
from psycopg import sql

from ops.local.home import ROOT

_CODE = ("platform", "tenants", "shared_apps", "tenant_apps", "provisioning")


def address_of(database: Mapping[str, Any]) -> str:  # Any: Django's own shape
    """The `postgresql://` address of an entry of DATABASES, password and options included."""
    who = quote(str(database["USER"]), safe="")
    if database.get("PASSWORD"):
        who += f":{quote(str(database['PASSWORD']), safe='')}"
    # An IPv6 address has brackets, a socket's folder goes into the query.
    host = str(database["HOST"])
    options = {name: str(value) for name, value in database.get("OPTIONS", {}).items() if isinstance(value, str | int)}
    if host.startswith("/"):
        options["host"], host = host, ""
    where = f"[{host}]" if ":" in host else host
    port = f":{database['PORT']}" if database.get("PORT") else ""
    query = f"?{urlencode(options)}" if options else ""
    return f"postgresql://{who}@{where}{port}/{quote(str(database['NAME']), safe='')}{query}"


def template_database(fill: Callable[[], None], *, depends_on: list[Path]) -> str:
    """The name of a database that `fill` has filled; made when there is none for the migrations and files as they are."""
    name = f"stoa_template_{_fingerprint(depends_on)}"
    with _one_at_a_time(), _admin() as admin:
        if not _exists(admin, name):
            _build(admin, name, fill)
    return name


@contextmanager
def copied_database(template: str, name: str) -> Generator[None]:
    """A copy of `template` under `name`, to which this process's connections lead inside the block; dropped after it."""
    connections.close_all()
    with _admin() as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    with _leading_to(name):
        yield
    with _admin() as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def empty_database(server: str, name: str) -> Generator[str]:
    """The address of a new, empty database `name` on the server of the address `server`; dropped after the block.

    For processes that are started: this process's connections stay where they are.
    """
    before, _, _ = server.rpartition("/")
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(_creation(name))
    yield f"{before}/{name}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _leading_to(name: str) -> Generator[None]:
    before = connection.settings_dict["NAME"]
    connections.close_all()
    # Threads make their own connections from the same settings.
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = before


def _build(admin: psycopg.Connection, name: str, fill: Callable[[], None]) -> None:
    building = sql.Identifier(f"{name}_building")
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(building))
    admin.execute(_creation(f"{name}_building"))
    with _leading_to(f"{name}_building"):
        fill()
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(building, sql.Identifier(name)))


def _creation(name: str) -> sql.Composed:
    # One order of text on every machine, whatever its system libraries (and the embedded server has no ICU).
    return sql.SQL("CREATE DATABASE {} TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'").format(
        sql.Identifier(name)
    )


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


def _fingerprint(depends_on: list[Path]) -> str:
    digest = hashlib.sha256()
    migrations = [path for folder in _CODE for path in (ROOT / folder).glob("**/migrations/*.py")]
    for path in sorted([*migrations, *depends_on, ROOT / "requirements/dev.txt", ROOT / "platform/config/settings/apps.py"]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
