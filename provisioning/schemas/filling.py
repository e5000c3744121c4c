"""A schema with its rows but without what slows their loading: taken off before, put on again after, as the template has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import connection

from provisioning.schemas.catalog import Catalog
from tenants.scope import schema_scope

# Primary keys, unique and exclusion constraints: indexes stand behind them. Checks and NOT NULL stay: each row is held to them.
_WITH_INDEX: Final = ("p", "u", "x")
_FOREIGN: Final = "f"


# A part, or a table's indexes, is lost together with the note of it when the server crashes in the next second: so nobody waits
# for the disk.
_UNHURRIED: Final = "SET LOCAL synchronous_commit = off"
# What sorting for one index may hold in memory, of one worker at a time.
_SORTING: Final = "SET LOCAL maintenance_work_mem = '256MB'"


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Statements that belong to one table and are run together; how long they take grows with its rows."""

    table: str
    statements: tuple[str, ...]


def strip_schema(schema: str, catalog: Catalog, *, emptied: Iterable[str]) -> None:
    """Take triggers, foreign keys, indexes and the constraints behind them off a schema like `catalog`, and empty tables.

    In the caller's transaction. The order of loading is then free, and nothing is written twice.
    """
    statements = [f"DROP TRIGGER {_name(trigger.name)} ON {_name(trigger.table)}" for trigger in catalog.triggers]
    for kinds in ((_FOREIGN,), _WITH_INDEX):
        statements += [
            f"ALTER TABLE {_name(found.table)} DROP CONSTRAINT {_name(found.name)}"
            for found in catalog.constraints
            if found.kind in kinds
        ]
    statements += [f"DROP INDEX {_name(index.name)}" for index in catalog.indexes]
    statements.append(f"TRUNCATE {', '.join(_name(table) for table in emptied)}")
    _run(schema, statements)


def copy_into(schema: str, table: str, columns: Iterable[str], blocks: Iterable[bytes]) -> int:
    """Load rows in COPY's text form, in the caller's transaction; how many there were. Names are those of a catalog of ours."""
    names = ", ".join(_name(column) for column in columns)
    with schema_scope(schema, reason="load rows"), connection.cursor() as cursor:
        cursor.execute(_UNHURRIED)
        with cursor.copy(f"COPY {_name(table)} ({names}) FROM STDIN") as copy:
            for block in blocks:
                copy.write(block)
        return int(cursor.rowcount)


def rebuilds(catalog: Catalog) -> list[Rebuild]:
    """What `strip_schema` took off, in an order in which it can be put on again: foreign keys need the keys they point to."""
    tables = [relation.name for relation in catalog.relations if relation.kind == "r"]
    own = {table: _of(catalog, table, _WITH_INDEX) for table in tables}
    foreign = {table: _of(catalog, table, (_FOREIGN,)) for table in tables}
    for index in catalog.indexes:
        own[index.table].append(index.definition)
    for trigger in catalog.triggers:
        foreign[trigger.table].append(trigger.definition)
    stages = [(table, found[table]) for found in (own, foreign) for table in tables]
    return [Rebuild(table, tuple(statements)) for table, statements in stages if statements]


def rebuild(schema: str, step: Rebuild) -> None:
    """Put one table's part on again, in the caller's transaction.

    Raises:
        IntegrityError: the rows do not keep to a constraint.
    """
    _run(schema, (_UNHURRIED, _SORTING, *step.statements))


def analyze(schema: str, tables: Iterable[str]) -> None:
    """Tell the planner of the rows; without it the first pages would be planned for empty tables."""
    _run(schema, [f"ANALYZE {', '.join(_name(table) for table in tables)}"])


def set_sequences(schema: str, values: dict[str, int]) -> None:
    """Let each sequence count on from its value, in the caller's transaction."""
    with schema_scope(schema, reason="set sequences"), connection.cursor() as cursor:
        for name, value in values.items():
            cursor.execute("SELECT setval(%s, %s)", [_name(name), value])


def count_rows(schema: str, tables: Iterable[str]) -> dict[str, int]:
    """How many rows each table has."""
    with schema_scope(schema, reason="count rows"), connection.cursor() as cursor:
        counted = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {_name(table)}")  # noqa: S608  # quoted
            counted[table] = int(cursor.fetchone()[0])
        return counted


def _of(catalog: Catalog, table: str, kinds: Iterable[str]) -> list[str]:
    return [
        f"ALTER TABLE {_name(table)} ADD CONSTRAINT {_name(found.name)} {found.definition}"
        for kind in kinds
        for found in catalog.constraints
        if found.table == table and found.kind == kind
    ]


def _run(schema: str, statements: Iterable[str]) -> None:
    with schema_scope(schema, reason="fill schema"), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
