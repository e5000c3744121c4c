"""One SQL script that makes an empty schema like the template, derived from the template's catalog.

Not the migrations' own SQL one after another: a table that ten migrations built is made once, its constraints and
foreign keys with it, so that PostgreSQL neither rewrites nor validates anything; and rows that a migration wrote with
Python are there too. The script names no schema: it runs on the path of the schema that it fills.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from django.db import connection

from provisioning.schemas.catalog import Catalog, Column, Constraint, Sequence
from tenants.scope import schema_scope

_OWN_IN_TABLE: Final = frozenset("pucxn")
_MIGRATIONS_TABLE: Final = "django_migrations"
# Numbers below belong to rows that come with the template.
_FIRST_NUMBER: Final = 10_000
_SMALLEST_SCATTERED: Final = 1_000_000
_WIDEST_SCATTER: Final = 10**12


def build_script(schema: str, catalog: Catalog) -> str:
    """The script for schemas like `schema`, whose catalog is `catalog`; its rows are read from `schema`."""
    statements = [
        *(function.definition.rstrip() for function in catalog.functions),
        *(_create_sequence(sequence) for sequence in catalog.sequences if sequence.dependency != "i"),
        *_create_tables(catalog),
        *(index.definition for index in catalog.indexes),
        *_own_sequences(catalog),
        *(trigger.definition for trigger in catalog.triggers),
        *_comments(catalog),
        *_insert_rows(schema, catalog),
        *_scatter(catalog),
    ]
    return "SET LOCAL check_function_bodies = off;\n" + "".join(f"{statement};\n" for statement in statements)


def _create_tables(catalog: Catalog) -> Iterator[str]:
    """Each table after those it refers to; a foreign key that would point forward (a cycle) is added at the end."""
    columns, constraints = defaultdict(list), defaultdict(list)
    for column in catalog.columns:
        columns[column.table].append(column)
    for constraint in catalog.constraints:
        constraints[constraint.table].append(constraint)
    identities = {(sequence.table, sequence.column): sequence for sequence in catalog.sequences if sequence.dependency == "i"}
    made: set[str] = set()
    later: list[Constraint] = []
    for table in _in_order(catalog):
        made.add(table)
        now = [found for found in constraints[table] if found.kind in _OWN_IN_TABLE or found.references in made]
        later += [found for found in constraints[table] if found not in now]
        lines = [_column(column, identities.get((table, column.name))) for column in columns[table]]
        lines += [_constraint(constraint) for constraint in now]
        yield f"CREATE TABLE {_name(table)} (" + ", ".join(lines) + ")"
    for constraint in later:
        yield f"ALTER TABLE {_name(constraint.table)} ADD {_constraint(constraint)}"


def _in_order(catalog: Catalog) -> Iterator[str]:
    waiting = {relation.name: set[str]() for relation in catalog.relations if relation.kind == "r"}
    for constraint in catalog.constraints:
        if constraint.kind == "f" and constraint.references != constraint.table:
            waiting[constraint.table].add(constraint.references)
    while waiting:
        free = [table for table, needs in waiting.items() if not needs & waiting.keys()] or list(waiting)[:1]
        yield from free
        for table in free:
            del waiting[table]


def _column(column: Column, identity: Sequence | None) -> str:
    parts = [_name(column.name), column.type]
    if column.collation:
        parts.append(f"COLLATE {column.collation}")
    if column.generated:
        parts.append(f"GENERATED ALWAYS AS ({column.expression}) {'STORED' if column.generated == 's' else 'VIRTUAL'}")
    elif identity is not None:
        always = "ALWAYS" if column.identity == "a" else "BY DEFAULT"
        parts.append(f"GENERATED {always} AS IDENTITY (SEQUENCE NAME {_name(identity.name)} {_sequence_options(identity)})")
    elif column.expression:
        parts.append(f"DEFAULT {column.expression}")
    return " ".join(parts)


def _constraint(constraint: Constraint) -> str:
    return f"CONSTRAINT {_name(constraint.name)} {constraint.definition}"


def _create_sequence(sequence: Sequence) -> str:
    return f"CREATE SEQUENCE {_name(sequence.name)} AS {sequence.type} {_sequence_options(sequence)}"


def _sequence_options(sequence: Sequence) -> str:
    cycle = "CYCLE" if sequence.cycles else "NO CYCLE"
    return (
        f"START {sequence.start} INCREMENT {sequence.increment} MINVALUE {sequence.minimum} MAXVALUE {sequence.maximum}"
        f" CACHE {sequence.cache} {cycle}"
    )


def _own_sequences(catalog: Catalog) -> Iterator[str]:
    for sequence in catalog.sequences:
        if sequence.dependency == "a":
            yield f"ALTER SEQUENCE {_name(sequence.name)} OWNED BY {_name(sequence.table)}.{_name(sequence.column)}"


def _comments(catalog: Catalog) -> Iterator[str]:
    for relation in catalog.relations:
        if relation.comment:
            yield f"COMMENT ON TABLE {_name(relation.name)} IS {_literal(relation.comment)}"
    for column in catalog.columns:
        if column.comment:
            yield f"COMMENT ON COLUMN {_name(column.table)}.{_name(column.name)} IS {_literal(column.comment)}"


def _insert_rows(schema: str, catalog: Catalog) -> Iterator[str]:
    """The rows that the migrations wrote, as text that PostgreSQL reads back exactly (as pg_dump does)."""
    writable = defaultdict(list)
    for column in catalog.columns:
        if not column.generated:
            writable[column.table].append(column.name)
    # Which migrations ran is a fact of each schema; its ids are not.
    writable[_MIGRATIONS_TABLE] = [name for name in writable[_MIGRATIONS_TABLE] if name != "id"]
    for table in _in_order(catalog):
        names = [_name(name) for name in writable[table]]
        rows = _rows_as_text(schema, table, names)
        if rows:
            into = f"{_name(table)} ({', '.join(names)})"
            yield f"INSERT INTO {into} OVERRIDING SYSTEM VALUE VALUES {', '.join(rows)}"  # noqa: S608  # quoted by PostgreSQL


def _scatter(catalog: Catalog) -> Iterator[str]:
    """Each schema counts from somewhere else, so that a row's number in one means nothing in another (R22).

    An integer column keeps 95 % of its range, a bigint practically all. Drawn by the server: the script stays the same.
    """
    calls = [
        f"setval({_literal(_name(sequence.name))}, {_FIRST_NUMBER} + {_somewhere(sequence.maximum)}, false)"
        for sequence in catalog.sequences
        if is_scattered(sequence.maximum)
    ]
    if calls:
        yield "SELECT " + ", ".join(calls)


def is_scattered(maximum: int) -> bool:
    """Whether a sequence up to `maximum` is long enough to begin anywhere."""
    return maximum > _SMALLEST_SCATTERED


def scattering(name: str, maximum: int) -> str:
    """The statement that has a sequence of a present schema count from somewhere above what it has given already."""
    last = f"(SELECT last_value FROM {_name(name)})"  # noqa: S608  # a quoted name of the catalog
    return f"SELECT setval({_literal(_name(name))}, greatest({_FIRST_NUMBER}, {last}) + {_somewhere(maximum)}, false)"


def _somewhere(maximum: int) -> str:
    return f"floor(random() * {min(maximum // 20, _WIDEST_SCATTER)})::bigint"


def _rows_as_text(schema: str, table: str, names: list[str]) -> list[str]:
    texts = ", ".join(f"quote_nullable({name}::text)" for name in names)
    with schema_scope(schema, reason="read the template's rows"), connection.cursor() as cursor:
        cursor.execute(f"SELECT '(' || concat_ws(', ', {texts}) || ')' FROM {_name(table)} ORDER BY ctid")  # noqa: S608  # names of the catalog, quoted
        return [row[0] for row in cursor.fetchall()]


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
