"""What an organization costs before it has a row: files of its schema, and rows in PostgreSQL's catalog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from bench.measure import Result
from kernel.ids import new_id
from provisioning.schemas.replay import run_script
from provisioning.schemas.template import template_script
from tenants.schemas import schema_for
from tenants.scope import owner_scope

_BARE: Final = "t_bare_tables"
# Tables and what belongs to them (indexes, TOAST, sequences): `pg_total_relation_size` counts a table with its indexes.
_SIZES: Final = """
    SELECT count(*) FILTER (WHERE c.relkind = 'r'), count(*) FILTER (WHERE c.relkind = 'i'),
        sum(CASE c.relkind WHEN 'r' THEN pg_total_relation_size(c.oid) WHEN 'S' THEN pg_relation_size(c.oid) END)
    FROM pg_class c WHERE c.relnamespace = %s::regnamespace
"""
_CATALOG_ROWS: Final = """
    WITH mine AS (SELECT oid, reltoastrelid FROM pg_class WHERE relnamespace = %(schema)s::regnamespace),
    toast AS (SELECT oid FROM pg_class WHERE oid IN (SELECT reltoastrelid FROM mine)),
    every AS (
        SELECT oid FROM mine UNION SELECT oid FROM toast
        UNION SELECT indexrelid FROM pg_index WHERE indrelid IN (SELECT oid FROM toast)
    )
    SELECT (SELECT count(*) FROM every)
        + (SELECT count(*) FROM pg_attribute WHERE attrelid IN (SELECT oid FROM every))
        + (SELECT count(*) FROM pg_attrdef WHERE adrelid IN (SELECT oid FROM every))
        + (SELECT count(*) FROM pg_index WHERE indexrelid IN (SELECT oid FROM every))
        + (SELECT count(*) FROM pg_sequence WHERE seqrelid IN (SELECT oid FROM every))
        + (SELECT count(*) FROM pg_constraint WHERE connamespace = %(schema)s::regnamespace)
        + (SELECT count(*) FROM pg_trigger WHERE tgrelid IN (SELECT oid FROM every))
        + (SELECT count(*) FROM pg_type WHERE typnamespace = %(schema)s::regnamespace)
        + (SELECT count(*) FROM pg_depend WHERE objid IN (SELECT oid FROM every))
        + (SELECT count(*) FROM pg_shdepend WHERE objid IN (SELECT oid FROM every))
"""


@dataclass(frozen=True, slots=True)
class _Footprint:
    tables: int
    indexes: int
    size: int
    catalog_rows: int


def run() -> list[Result]:
    """`tenant.bytes`: a new organization's schema against its tables alone, without an index, key or sequence."""
    schema = schema_for(new_id())
    with transaction.atomic():
        run_script(template_script(), schema)
    _make_bare_tables(schema)
    whole, bare = _footprint(schema), _footprint(_BARE)
    note = f"{whole.tables} tables, {whole.indexes} indexes, {whole.catalog_rows} catalog rows"
    return [Result("tenant.bytes", whole.size / 1024, "KiB", bare.size / 1024, "lower", 1, note=note)]


def _make_bare_tables(like: str) -> None:
    with owner_scope(reason="bench"), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {_BARE}")
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = %s::regnamespace", [like])
        for (table,) in cursor.fetchall():
            cursor.execute(f'CREATE TABLE {_BARE}."{table}" (LIKE {like}."{table}")')


def _footprint(schema: str) -> _Footprint:
    with owner_scope(reason="bench"), connection.cursor() as cursor:
        cursor.execute(_SIZES, [schema])
        tables, indexes, size = cursor.fetchone()
        cursor.execute(_CATALOG_ROWS, {"schema": schema})
        (rows,) = cursor.fetchone()
    return _Footprint(tables, indexes, int(size), rows)
