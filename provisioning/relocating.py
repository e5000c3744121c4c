"""Copies an organization's rows from one cluster to another, all as they are: nothing leaves the installation (ADR 0015)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.utils.translation import gettext as _

from provisioning.archives.snapshot import columns_of
from provisioning.errors import RunNotReady
from provisioning.schemas.catalog import Catalog, read_catalog
from provisioning.schemas.filling import analyze, copy_into, rebuild, rebuilds, set_sequences, strip_schema
from provisioning.schemas.replay import run_script
from provisioning.schemas.template import ensure_template
from tenants.clusters import on_cluster
from tenants.schemas import drop_schema
from tenants.scope import owner_scope, schema_scope

# A slow machine's, for what one statement does, during which nobody can keep a lease.
_ROWS_PER_SECOND: Final = 10_000
_SEQUENCES: Final = """
    SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema() AND last_value IS NOT NULL
"""
# Of every value of every row as text, in whichever order they lie.
_SUM: Final = 'SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0)::text FROM "{table}" t'


# A transaction that counts only for whoever has the lease, of so many seconds.
Hold = Callable[[int], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Place:
    """A schema on a cluster."""

    database: str
    schema: str

    @contextmanager
    def entered(self) -> Generator[None]:
        """Work there as the owner."""
        with on_cluster(self.database), schema_scope(self.schema, reason="move organization"):
            yield


def make_empty(place: Place, catalog: Catalog) -> None:
    """Make the schema anew, without a row and without what slows loading; whatever stood there goes.

    In the caller's transaction, which is of who has the lease: somebody late would drop what is lived in by now.
    """
    template = ensure_template()
    with on_cluster(place.database):
        drop_schema(place.schema)
        with owner_scope(reason="move organization"):
            run_script(template.script, place.schema)
            strip_schema(place.schema, catalog, emptied=_tables(catalog))


def copy_rows(source: Place, target: Place, catalog: Catalog, *, hold: Hold) -> int:
    """Fill what `make_empty` made; how many rows. Nobody may write into either.

    Each table is a transaction of `hold`: whoever was stopped and comes back late must not write into what is lived in by then.

    Raises:
        RunNotReady: the rows over there are not those here.
    """
    counted = {table: _sum_of(source, table)[0] for table in _tables(catalog)}
    for table, rows in counted.items():
        with hold(_seconds(rows)):
            _copy_table(source, target, table, columns_of(catalog, table))
    with source.entered(), connection.cursor() as cursor:
        cursor.execute(_SEQUENCES)
        sequences = dict(cursor.fetchall())
    with on_cluster(target.database):
        with hold(0):
            set_sequences(target.schema, sequences)
        for step in rebuilds(catalog):
            with hold(_seconds(counted[step.table])):
                rebuild(target.schema, step)
        analyze(target.schema, counted)
        found = read_catalog(target.schema)
    if found.fingerprint != catalog.fingerprint:
        raise RunNotReady(_("The schema on the other cluster is not like the one here."))
    return sum(counted.values())


def require_same_rows(source: Place, target: Place, catalog: Catalog, *, keep: Callable[[int], None]) -> None:
    """Quiet when both places say the same, value for value.

    Raises:
        RunNotReady: they do not.
    """
    for table in _tables(catalog):
        here = _sum_of(source, table)
        keep(_seconds(here[0]))
        if _sum_of(target, table) != here:
            raise RunNotReady(_("The table %(table)s is another on the other cluster.") % {"table": table})


def _copy_table(source: Place, target: Place, table: str, columns: Sequence[str]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    with source.entered():
        reader = connection.cursor()
    statement = f'COPY "{table}" ({names}) TO STDOUT'
    with reader as cursor, source.entered(), cursor.copy(statement) as rows, on_cluster(target.database):
        copy_into(target.schema, table, columns, (bytes(block) for block in rows))


def _sum_of(place: Place, table: str) -> tuple[int, str]:
    with place.entered(), connection.cursor() as cursor:
        cursor.execute(_SUM.format(table=table))
        row = cursor.fetchone()
    assert row is not None
    return int(row[0]), str(row[1])


def _tables(catalog: Catalog) -> list[str]:
    return [relation.name for relation in catalog.relations if relation.kind == "r"]


def _seconds(rows: int) -> int:
    return 2 * rows // _ROWS_PER_SECOND + 2
