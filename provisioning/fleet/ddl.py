"""The one door by which a migration of the fleet changes a schema: in its own transaction, with limits, as its owner."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any, Final

from django.db import DatabaseError, connection, transaction

from provisioning.errors import StatementFailed
from provisioning.schemas.catalog import canonical
from tenants.scope import schema_scope

# Whoever waits for a lock makes all others wait behind: two seconds at most, then another try later.
LOCK_SECONDS: Final = 2
_RECORDED: Final = "SELECT app || '.' || name FROM django_migrations WHERE %s::text[] IS NULL OR app || '.' || name = ANY(%s)"
_RECORD: Final = """
    INSERT INTO django_migrations (app, name, applied)
    SELECT split_part(label, '.', 1), split_part(label, '.', 2), now() FROM unnest(%s::text[]) AS label
    WHERE NOT EXISTS (SELECT FROM django_migrations m WHERE m.app || '.' || m.name = label)
"""


@contextmanager
def changing(schema: str, *, seconds: int) -> Generator[None]:
    """A short transaction in `schema`, as its owner: all of the block or nothing, ended by PostgreSQL after `seconds`.

    The schema's change and its version in the registry are lost together when the server crashes in the next second; so
    nobody waits for the disk.
    """
    with schema_scope(schema, reason="fleet migration"), transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET LOCAL synchronous_commit = off; SET LOCAL lock_timeout = '{LOCK_SECONDS}s';"
                f" SET LOCAL transaction_timeout = '{seconds}s'"
            )
        yield


def run_statements(schema: str, statements: Iterable[str]) -> None:
    """Run DDL in `schema`, inside of `changing`.

    Raises:
        StatementFailed: names the statement; its cause is the database's error.
    """
    with schema_scope(schema, reason="fleet migration"), connection.cursor() as cursor:
        for statement in statements:
            try:
                cursor.execute(statement)
            except DatabaseError as error:
                raise StatementFailed(_sentence(error, schema), sql=statement) from error


def record_migrations(schema: str, labels: list[str]) -> None:
    """Note in `schema` that these migrations, each "app.name", were applied; those noted already stay as they are."""
    with schema_scope(schema, reason="fleet migration"), connection.cursor() as cursor:
        cursor.execute(_RECORD, [labels])


def recorded_migrations(schema: str, *, among: Iterable[str] | None = None) -> frozenset[str]:
    """The migrations that `schema` has, each "app.name"; only of those in `among` where that is given."""
    wanted = None if among is None else list(among)
    with schema_scope(schema, reason="fleet migration"), connection.cursor() as cursor:
        cursor.execute(_RECORDED, [wanted, wanted])
        return frozenset(row[0] for row in cursor.fetchall())


@contextmanager
def limited_waiting() -> Generator[None]:
    """Wait for no lock longer than a replay would, in this session and for the block: for what brings its own transactions."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = DEFAULT")


@contextmanager
def naming_the_statement(schema: str) -> Generator[None]:
    """Have whatever ends the block by an exception say at which statement, for code that runs its own statements.

    Raises:
        StatementFailed: for any exception of the block; it is the cause.
    """
    failed: list[str] = []

    def watch(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:  # Any: Django's own signature
        try:
            return execute(sql, params, many, context)
        except DatabaseError:
            failed.append(str(sql))
            raise

    try:
        with connection.execute_wrapper(watch):
            yield
    except Exception as error:
        raise StatementFailed(_sentence(error, schema), sql=failed[-1] if failed else "") from error


def _sentence(error: Exception, schema: str) -> str:
    return str(canonical(f"{type(error.__cause__ or error).__name__}: {error}".strip(), schema))
