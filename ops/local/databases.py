"""Databases of tests and benchmarks: made empty, filled once as a template, copied in 50 ms, dropped."""

from __future__ import annotations

import hashlib
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
from ops.local.leftovers import drop_database, drop_leftovers, hold_building, hold_template, hold_temporary
from tenants.granting import execute_fully
from tenants.wall import admin_connection, rights_on_database

_CODE = ("platform", "tenants", "shared_apps", "tenant_apps", "provisioning")
# What else a template's content depends on.
_FILES = (
    "requirements/dev.txt",
    "platform/config/settings/apps.py",
    "tenants/adoption.py",
    "tenants/roles.py",
    "tenants/wall.py",
)


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


@contextmanager
def template_database(fill: Callable[[], None], *, depends_on: list[Path]) -> Generator[str]:
    """The name of a database that `fill` has filled; made when there is none for the migrations and files as they are.

    Nobody drops it inside the block. Before it: what killed runs have left goes, and templates of other migrations.
    """
    name = f"stoa_template_{_fingerprint(depends_on)}"
    with admin_connection("postgres") as holder:
        with admin_connection("postgres") as admin:
            hold_building(admin)
            drop_leftovers(admin, keep=name)
            if not _exists(admin, name):
                _build(admin, name, fill)
            hold_template(holder, name)
        yield name


@contextmanager
def copied_database(template: str, name: str) -> Generator[None]:
    """A copy of `template` under `name`, to which this process's connections lead inside the block; dropped after it."""
    connections.close_all()
    with admin_connection("postgres") as holder:
        hold_temporary(holder, name)
        try:
            _copy(template, name)
            with _leading_to(name):
                yield
        finally:
            # On a connection of its own: whatever happened in the block may have cut the holder's.
            with admin_connection("postgres") as admin:
                drop_database(admin, name)


@contextmanager
def empty_database(environment: Mapping[str, str], name: str) -> Generator[dict[str, str]]:
    """A new, empty database `name` on the server that `environment` names, as an environment; dropped after the block.

    For processes that are started: this process's connections stay where they are.
    """
    addresses = {key: environment[key] for key in ("DATABASE_URL", "ADMIN_DATABASE_URL") if environment.get(key)}
    server = addresses.get("ADMIN_DATABASE_URL") or addresses["DATABASE_URL"]
    with psycopg.connect(server, dbname="postgres", autocommit=True) as holder:
        hold_temporary(holder, name)
        try:
            holder.execute(_creation(name))
            yield {key: f"{address.rpartition('/')[0]}/{name}" for key, address in addresses.items()}
        finally:
            with psycopg.connect(server, dbname="postgres", autocommit=True) as admin:
                drop_database(admin, name)


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


def _copy(template: str, name: str) -> None:
    # Files as they are take half the time of the default, which writes every page to the log first.
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    with admin_connection("postgres") as admin:
        admin.execute(copy.format(sql.Identifier(name), sql.Identifier(template)))
        for statement in rights_on_database(name):
            execute_fully(admin, statement)


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


def _fingerprint(depends_on: list[Path]) -> str:
    digest = hashlib.sha256()
    migrations = [path for folder in _CODE for path in (ROOT / folder).glob("**/migrations/*.py")]
    for path in sorted([*migrations, *depends_on, *(ROOT / name for name in _FILES)]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
