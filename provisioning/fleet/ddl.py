"""The one door by which a migration of the fleet changes a schema: in its own transaction, with limits, as its owner."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from django.db import DatabaseError, connection, transaction

from provisioning.errors import StatementFailed
from provisioning.fleet.failing import sentence
from provisioning.schemas.script import is_scattered, scattering
from tenants.context import SchemaScope
from tenants.limits import UNLIMITED, Limits
from tenants.patience import LOCK_SECONDS
from tenants.scope import schema_scope

_RECORDED: Final = "SELECT app || '.' || name FROM django_migrations WHERE %s::text[] IS NULL OR app || '.' || name = ANY(%s)"
_RECORD: Final = """
    INSERT INTO django_migrations (app, name, applied)
    SELECT * FROM (VALUES {}) AS given (app, name, applied)
    WHERE (app, name) NOT IN (SELECT app, name FROM django_migrations)
"""
_INVALID: Final = """
    SELECT c.relname FROM pg_class c JOIN pg_index x ON x.indexrelid = c.oid
    WHERE c.relnamespace = %s::regnamespace AND c.relname = ANY(%s) AND NOT x.indisvalid ORDER BY 1
"""
# By the schema's dependencies: pg_class, of a thousand tenants, has no index for the schema.
_SEQUENCES: Final = """
    SELECT relname, seqmax FROM pg_depend JOIN pg_class c ON c.oid = objid JOIN pg_sequence ON seqrelid = c.oid
    WHERE refclassid = 'pg_namespace'::regclass AND refobjid = %s::regnamespace AND classid = 'pg_class'::regclass
    AND deptype = 'n' AND relkind = 'S' ORDER BY relname
"""


@contextmanager
def changing(schema: str, *, seconds: int) -> Generator[None]:
    """A short transaction in `schema`, as its owner: all of the block or nothing, ended by PostgreSQL after `seconds`.

    The schema's change and its version in the registry are lost together when the server crashes in the next second; so
    nobody waits for the disk.
    """
    with schema_scope(schema, reason="fleet migration"), transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("; ".join(limits_sql(seconds)))
        yield


def limits_sql(seconds: int) -> list[str]:
    """What each transaction of the fleet begins with: how long it may wait for a lock, and take."""
    return [
        "SET LOCAL synchronous_commit = off",
        f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'",
        f"SET LOCAL transaction_timeout = '{seconds}s'",
    ]


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
                raise StatementFailed(sentence(error, schema), sql=statement) from error


def record_migrations(schema: str, labels: list[str]) -> None:
    """Note in `schema` that these migrations, each "app.name", were applied; those noted already stay as they are."""
    if labels:
        with schema_scope(schema, reason="fleet migration"), connection.cursor() as cursor:
            cursor.execute(record_sql(labels))


def record_sql(labels: Sequence[str]) -> str:
    """The statement that notes those of one or more migrations which are not noted yet, where the connection stands."""
    quoted = (label.replace("'", "''").split(".", 1) for label in labels)
    return _RECORD.format(", ".join(f"('{app}', '{name}', now())" for app, name in quoted))


def recorded_migrations(schema: str, *, among: Iterable[str] | None = None) -> frozenset[str]:
    """The migrations that `schema` has, each "app.name"; only of those in `among` where that is given."""
    wanted = None if among is None else list(among)
    with schema_scope(schema, reason="fleet migration"), connection.cursor() as cursor:
        cursor.execute(_RECORDED, [wanted, wanted])
        return frozenset(row[0] for row in cursor.fetchall())


def patient_scope(schema: str, *, is_patient: bool) -> AbstractContextManager[SchemaScope]:
    """The schema, as its owner, for what brings its own transactions: waiting for locks no longer than a replay, or at will."""
    limits = UNLIMITED if is_patient else Limits(lock_seconds=LOCK_SECONDS)
    return schema_scope(schema, reason="fleet migration", limits=limits)


def invalid_indexes(schema: str, *, among: Iterable[str]) -> list[str]:
    """Which of these indexes stand in `schema` and are good for nothing: what a killed CONCURRENTLY leaves."""
    if not (names := list(among)):
        return []
    with schema_scope(schema, reason="fleet migration"), connection.cursor() as cursor:
        cursor.execute(_INVALID, [schema, names])
        return [row[0] for row in cursor.fetchall()]


def sequences_in(schema: str) -> dict[str, int]:
    """The sequences of `schema` with the highest number that each can give."""
    with schema_scope(schema, reason="fleet migration"), connection.cursor() as cursor:
        cursor.execute(_SEQUENCES, [schema])
        return dict(cursor.fetchall())


def scatter_sql(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """What has each sequence that is only in `after` count from somewhere of its own in every schema (R22)."""
    return [scattering(name, maximum) for name, maximum in after.items() if name not in before and is_scattered(maximum)]


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
        raise StatementFailed(sentence(error, schema), sql=failed[-1] if failed else "") from error
