"""One organization's rows as they are at one moment: a connection of its own in one REPEATABLE READ transaction."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from provisioning.archives.contents import CARRIED, REPLACED, Replaced
from provisioning.archives.errors import NotArchivable
from provisioning.archives.manifest import Table
from provisioning.models import SchemaTemplate
from provisioning.schemas.catalog import Catalog, read_catalog
from tenants.clusters import on_cluster
from tenants.context import TenantContext
from tenants.scope import platform_scope, tenant_scope

# Rows go into a member until it has this many bytes: so much is in memory, is loaded in one go, and is begun anew after a kill.
PART_BYTES: Final = 8 * 1024 * 1024
_BEGIN: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
# Of a server that follows another, or was recovered to a moment of the past, the last transaction that it has seen.
_MOMENT: Final = """
    SELECT CASE WHEN pg_is_in_recovery() THEN coalesce(
        pg_last_xact_replay_timestamp(), nullif(current_setting('recovery_target_time'), '')::timestamptz
    ) ELSE clock_timestamp() END
"""


@dataclass(frozen=True)
class Part:
    """Whole rows of one table, as COPY's text has them: a line each."""

    table: str
    number: int
    blocks: Sequence[bytes]
    rows: int


@dataclass(frozen=True)
class Snapshot:
    """The tables as they were at `taken_at`, and a cursor that sees nothing later. In the organization's scope and role."""

    taken_at: datetime
    catalog: Catalog
    tables: tuple[Table, ...]
    cursor: Any  # Any: the witness' cursor, untyped upstream
    replaced: Replaced

    def parts(self, table: Table) -> Generator[Part]:
        """The rows of a table, a part at a time."""
        number, size, blocks = 1, 0, list[bytes]()
        with self.cursor.copy(f"COPY ({select_of(table, self.replaced)}) TO STDOUT") as copy:
            for row in copy:
                blocks.append(bytes(row))
                size += len(blocks[-1])
                if size >= PART_BYTES:
                    yield Part(table.name, number, blocks, len(blocks))
                    number, size, blocks = number + 1, 0, []
        if blocks:
            yield Part(table.name, number, blocks, len(blocks))

    def sequences(self) -> dict[str, int]:
        """The last number of each sequence that was ever asked for one."""
        self.cursor.execute(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema() AND last_value IS NOT NULL"
            " ORDER BY 1"
        )
        return dict(self.cursor.fetchall())


def columns_of(catalog: Catalog, table: str) -> tuple[str, ...]:
    """The columns that are written and loaded: not those that PostgreSQL computes."""
    return tuple(column.name for column in catalog.columns if column.table == table and not column.generated)


def select_of(table: Table, replacing: Replaced) -> str:
    """The rows of a table without what is to be replaced in them, in an order that is the same each time."""
    replaced = replacing.get(table.name, {})
    # Names of the catalog, and constants of our own.
    columns = ", ".join(f'{replaced[name]} AS "{name}"' if name in replaced else f'"{name}"' for name in table.columns)
    return f'SELECT {columns} FROM "{table.name}" ORDER BY "id"'  # noqa: S608  # as said above


@contextmanager
def snapshot_of(tenant: TenantContext, *, replacing: Replaced = REPLACED) -> Generator[Snapshot]:
    """Hold still what the organization's tables say, while the marketplace goes on; `replacing` never leaves them.

    Nobody waits for this: it holds the locks of a reader. A migration that comes meanwhile waits for its turn, as always.

    Raises:
        NotArchivable: the schema is not what its version says.
    """
    catalog = _undrifted_catalog(tenant)
    tables = sorted(CARRIED)
    with tenant_scope(tenant):
        still = connection.copy()
    try:
        with tenant_scope(tenant), still.cursor() as cursor:
            cursor.execute(_BEGIN)
            # A table takes as long as it takes; whoever wrote this looks after the lease.
            cursor.execute("SET LOCAL statement_timeout = 0")
            # Before the first look, so that what is looked at is what the catalog said.
            cursor.execute(f"LOCK TABLE {', '.join(f'"{name}"' for name in tables)} IN ACCESS SHARE MODE")
            # The first look, which the snapshot is taken for: nothing in it is from after this moment.
            cursor.execute(_MOMENT)
            (taken_at,) = cursor.fetchone()
            yield Snapshot(taken_at, catalog, tuple(_counted(cursor, catalog, name) for name in tables), cursor, replacing)
    finally:
        still.close()


def _counted(cursor: Any, catalog: Catalog, name: str) -> Table:  # Any: as above
    cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608  # one of our own list
    return Table(name, columns_of(catalog, name), cursor.fetchone()[0])


def _undrifted_catalog(tenant: TenantContext) -> Catalog:
    with platform_scope(reason="template of an archive"):
        templates = SchemaTemplate.objects.filter(version=tenant.schema_version)
        expected = templates.values_list("fingerprint", flat=True).first()
    with on_cluster(tenant.database):
        catalog = read_catalog(tenant.schema)
    if catalog.fingerprint != expected:
        raise NotArchivable(
            f"{tenant.schema} is not a schema of version {tenant.schema_version}: see `manage.py fleet status`."
        )
    return catalog
