"""Schemas in the database: names, creation, removal, and the version that the running code writes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from functools import cache, partial
from typing import Final
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from tenants.context import TenantContext
from tenants.errors import TenancyError
from tenants.limits import Limits
from tenants.patience import LOCK_SECONDS, patiently
from tenants.roles import (
    allow_writes_sql,
    drop_role_sql,
    ensure_role_sql,
    grant_future_sql,
    has_role,
    let_in_sql,
    shut_out_sql,
    stop_writes_sql,
)
from tenants.scope import cluster_scope, owner_scope, schema_scope
from tenants.wall import build_wall

_NAME: Final = re.compile(r"^(t|pool|template)_[0-9a-f]{12,32}$")


def schema_for(tenant_id: UUID) -> str:
    """The schema of a tenant: generated from its id, so that a name that comes back never meets old data."""
    return f"t_{tenant_id.hex}"


def quoted(schema: str) -> str:
    """`schema` as an SQL identifier; only names of ours pass.

    Raises:
        TenancyError: the name is none that this code generates.
    """
    if not _NAME.match(schema):
        raise TenancyError(f"{schema!r} is not a schema of ours.")
    return f'"{schema}"'


def schema_exists(schema: str) -> bool:
    with cluster_scope(reason="schema exists?"), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
        return cursor.fetchone() is not None


def existing_schemas(schemas: Iterable[str]) -> set[str]:
    """Those of `schemas` that there are (one query)."""
    with cluster_scope(reason="schemas exist?"), connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)", [list(schemas)])
        return {row[0] for row in cursor.fetchall()}


def shut_out(schema: str) -> None:
    """Let nobody in by the schema's own role: whoever still works by an old word of the registry is refused, not misled.

    A statement that has begun ends, and a transaction may commit what it wrote before. In the caller's transaction, if any.
    """
    with owner_scope(reason="shut out"), connection.cursor() as cursor:
        cursor.execute(shut_out_sql(schema))


def let_in(schema: str) -> None:
    """Take `shut_out` back; may be repeated. In the caller's transaction, if any."""
    with owner_scope(reason="let in"), connection.cursor() as cursor:
        cursor.execute(let_in_sql(schema))


def stop_writes(schema: str) -> None:
    """Let the schema's own role read and not write, at once and for every process. In the caller's transaction, if any."""
    with owner_scope(reason="stop writes"), connection.cursor() as cursor:
        cursor.execute(stop_writes_sql(schema))


def allow_writes(schema: str) -> None:
    """Take `stop_writes` back; may be repeated. In the caller's transaction, if any."""
    with owner_scope(reason="allow writes"), connection.cursor() as cursor:
        cursor.execute(allow_writes_sql(schema))


def create_schema(schema: str) -> None:
    """Create an empty schema of ours with its role; quiet when it is there. In the caller's transaction, if any."""
    statements = f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)};"
    if has_role(schema):
        statements += ensure_role_sql(schema) + grant_future_sql(schema)
    with owner_scope(reason="create schema"), connection.cursor() as cursor:
        cursor.execute(statements)


def drop_schema(schema: str) -> None:
    """Drop a schema of ours with everything in it, its role, and the note of whose it was; quiet when it is gone already."""
    with owner_scope(reason="drop schema"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {quoted(schema)} CASCADE")
        # Here and not where it is decided: whoever drops one, for whatever reason, leaves no word of it (`tenants.residence`).
        cursor.execute("DELETE FROM public.tenants_resident WHERE schema_name = %s", [schema])
        if has_role(schema):
            cursor.execute(drop_role_sql(schema))


def migrate_public(*, verbosity: int = 0) -> None:
    """Bring the database's roles and the public schema to this code's version, the latter with Django's own `migrate`.

    The processes of the version before work on these tables meanwhile: a lock that one of them holds is waited for
    briefly, and asked for again a while later, so that nobody queues behind this.

    Raises:
        OperationalError: a lock was taken at each try.
    """
    build_wall()
    patiently(partial(_migrate_public, verbosity))


def _migrate_public(verbosity: int) -> None:
    with owner_scope(reason="migrate public", limits=Limits(lock_seconds=LOCK_SECONDS)):
        call_command(Migrate(), interactive=False, verbosity=verbosity)


def migrate_schema(schema: str, *, verbosity: int = 0) -> None:
    """Bring one tenant schema to this code's version by the real migrations, creating the schema when it is missing."""
    create_schema(schema)
    with schema_scope(schema, reason="migrate schema"):
        call_command(Migrate(), interactive=False, verbosity=verbosity)


def migrate_schema_to(schema: str, labels: Collection[str]) -> None:
    """Run these migrations and those that they need, each "app.name", in a schema that has no others; it is made if missing.

    They are to be what a version of tenant apps consists of: no app's without those before it.
    """
    create_schema(schema)
    with schema_scope(schema, reason="migrate schema to a version"):
        executor = MigrationExecutor(connection)
        nodes = executor.loader.graph.node_map
        keys = {(app, name) for app, _dot, name in (label.partition(".") for label in labels)}
        # Of each app the last ones: a target in front of what was done already would be a way back.
        last = [key for key in keys if not any(child.key in keys and child.key[0] == key[0] for child in nodes[key].children)]
        executor.migrate(sorted(last))


@cache
def code_schema_version() -> str:
    """A short name for the set of tenant migrations that this code carries: equal code, equal version."""
    return version_of(_tenant_migrations())


@cache
def supported_versions() -> frozenset[str]:
    """The versions that this code was written for: its own, and the one without what its code does not use yet.

    A migration with `ahead_of_code = True` prepares for the next release, so this release runs on a schema without it. That
    holds as long as it is its app's last: by the next one the code has caught up with it.
    """
    migrations = _tenant_migrations()
    last = dict(sorted(migrations))
    ahead = {key for key, migration in migrations.items() if getattr(migration, "ahead_of_code", False)}
    needed = [(app, name) for app, name in migrations if (app, name) not in ahead or last[app] != name]
    return frozenset({code_schema_version(), version_of(needed)})


def version_of(migrations: Iterable[tuple[str, str]]) -> str:
    """The version of a schema with these migrations of tenant apps, each an app's label and a name."""
    return hashlib.sha256("\n".join(sorted(f"{app}.{name}" for app, name in migrations)).encode()).hexdigest()[:12]


def code_migrations() -> frozenset[str]:
    """The tenant migrations that this code carries, each "app.name"."""
    return frozenset(f"{app}.{name}" for app, name in _tenant_migrations())


def tenant_labels() -> frozenset[str]:
    """The labels of the apps whose tables stand in each tenant's schema."""
    return frozenset(config.label for config in apps.get_app_configs() if config.name in settings.TENANT_APPS)


def is_served(tenant: TenantContext) -> bool:
    """Whether this code can serve the tenant's schema: its pages, its sockets and its tasks alike."""
    return is_supported(tenant.schema_version, base=tenant.schema_base)


def is_supported(version: str, *, base: str = "") -> bool:
    """Whether this code can serve a schema of `version`, whose last step kept code of version `base` running."""
    own = supported_versions()
    return version in own or version in settings.SUPPORTED_SCHEMA_VERSIONS or base == code_schema_version()


def _tenant_migrations() -> dict[tuple[str, str], Migration]:
    labels = tenant_labels()
    return {key: found for key, found in MigrationLoader(None).disk_migrations.items() if key[0] in labels}
