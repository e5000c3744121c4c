"""From an archive's rows to a schema of this code's version: made empty, loaded, and brought along where it is older."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar, Final
from uuid import UUID

import psycopg
from django.db import DatabaseError, DataError, IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provisioning import pool
from provisioning.archives.contents import CARRIED
from provisioning.archives.errors import ArchiveDamaged, ArchiveGone, ArchiveOfOtherVersion
from provisioning.archives.inbox import is_kept_by_tenant, opened
from provisioning.archives.manifest import Manifest, Table
from provisioning.archives.reading import ArchiveReader
from provisioning.archives.snapshot import columns_of
from provisioning.archives.versions import catalog_of, script_of
from provisioning.errors import PlanFailed, StatementFailed, StepNotVerified
from provisioning.fleet.single import bring_schema
from provisioning.models import Step
from provisioning.saga.step import SagaStep, Work
from provisioning.schemas.catalog import Catalog, read_catalog
from provisioning.schemas.filling import analyze, copy_into, count_rows, rebuild, rebuilds, set_sequences, strip_schema
from provisioning.schemas.replay import run_script
from provisioning.schemas.template import ensure_template
from tenants.schemas import code_schema_version, schema_for
from tenants.scope import platform_scope

TAKE: Final = "archive"
# To try a plan on empty schemas, on a slow machine.
PLANNING_SECONDS: Final = 60
# A slow machine's: what an index of a large table takes belongs to one statement, which no lease can be kept during; and what
# a migration does to each row.
_ROWS_INDEXED_PER_SECOND: Final = 20_000
_ROWS_MIGRATED_PER_SECOND: Final = 1_000


class EmptySchema:
    """A schema of the archive's version, without rows and indexes; nobody's yet."""

    def __init__(self) -> None:
        self._version, self._script = "", ""
        self._catalog: Catalog | None = None

    def look_up(self, work: Work) -> None:
        """What it takes to make one: seconds, outside of any transaction."""
        self._version = archive_version(work)
        self._script, self._catalog = script_of(self._version), catalog_of(self._version)

    def make(self, work: Work) -> UUID:
        """Make it in the caller's transaction; the id that it is named by."""
        if self._version == code_schema_version():
            made = pool.claim_or_create(run_id=work.run_id)
        else:
            made = pool.id_to_make(run_id=work.run_id)
            run_script(self._script, schema_for(made))
        if self._catalog is None:
            raise StepNotVerified("Nobody looked up of which version the schema is to be.")
        strip_schema(schema_for(made), self._catalog, emptied=archive_tables(work))
        return made


class LoadRows(SagaStep):
    """Loads the tables part by part, then puts indexes and constraints on, table by table.

    Each part is one transaction together with the note of it, so a killed worker's successor goes on behind it; a worker
    that was stopped for longer than its lease cannot commit its part.
    """

    name: ClassVar[str] = "rows"
    label: ClassVar[Promise] = _("Loading the tables")

    def schema(self, work: Work) -> str:
        """Into which the rows go."""
        return schema_for(work.require_tenant_id())

    def __init__(self) -> None:
        self._sequences: dict[str, int] = {}
        self._expected: dict[str, int] = {}
        self._counted: dict[str, int] = {}
        self._fingerprint = ""

    def prepare(self, work: Work) -> None:
        schema, catalog = self.schema(work), catalog_of(archive_version(work))
        self._fingerprint = catalog.fingerprint
        known = {sequence.name for sequence in catalog.sequences}
        with opened_for(work) as archive:
            tables = {table.name: table for table in archive.manifest.tables}
            _require_columns(tables.values(), catalog)
            # Noted now: to fetch the archive once more takes longer than the last transaction may.
            self._expected = {table.name: table.rows for table in archive.manifest.tables}
            self._sequences = {name: value for name, value in archive.manifest.sequences.items() if name in known}
            self._load(work, schema, archive, tables)
            self._rebuild(work, schema, catalog, archive.manifest)
        work.keep(seconds=sum(self._expected.values()) // _ROWS_INDEXED_PER_SECOND)
        analyze(schema, sorted(self._expected))
        self._counted = count_rows(schema, sorted(self._expected))
        work.keep()

    def _load(self, work: Work, schema: str, archive: ArchiveReader, tables: Mapping[str, Table]) -> None:
        parts = archive.manifest.parts()
        for number in range(int(work.noted.get("parts", 0)), len(parts)):
            part = parts[number]
            with _said_without_rows(part.table), transaction.atomic(durable=True):
                copy_into(schema, part.table, tables[part.table].columns, archive.blocks(part))
                work.keep(noted={"parts": number + 1})

    def _rebuild(self, work: Work, schema: str, catalog: Catalog, manifest: Manifest) -> None:
        steps, parts = rebuilds(catalog), len(manifest.parts())
        counted = {table.name: table.rows for table in manifest.tables}
        for number in range(int(work.noted.get("rebuilt", 0)), len(steps)):
            step = steps[number]
            work.keep(seconds=len(step.statements) * counted.get(step.table, 0) // _ROWS_INDEXED_PER_SECOND)
            with _said_without_rows(step.table), transaction.atomic(durable=True):
                rebuild(schema, step)
                work.keep(noted={"parts": parts, "rebuilt": number + 1})

    def check(self, work: Work) -> bool:
        del work
        return False

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        schema = self.schema(work)
        set_sequences(schema, self._sequences)
        if self._counted != self._expected:
            raise ArchiveDamaged(_("The tables have other numbers of rows than the archive says."))
        return {"rows": sum(self._expected.values())}

    def verify(self, work: Work) -> bool:
        return read_catalog(self.schema(work)).fingerprint == self._fingerprint

    def undo(self, work: Work) -> None:
        """Nothing of its own: rows go with the schema."""


class BringAlong(SagaStep):
    """Brings what was loaded to this code's version, by the fleet's own road; one of it is there already.

    Each stage notes its migrations in the schema, so a killed worker's successor goes on behind them.
    """

    name: ClassVar[str] = "version"
    label: ClassVar[Promise] = _("Bringing the tables to this version")

    def schema(self, work: Work) -> str:
        """Which is brought along."""
        return schema_for(work.require_tenant_id())

    def prepare(self, work: Work) -> None:
        schema, version, tables = self.schema(work), archive_version(work), archive_tables(work)
        if version == code_schema_version() or self._is_there(work):
            return
        rows = sum(count_rows(schema, tables).values())
        # A migration rewrites a table, or looks at each row in Python, without a moment to look after the lease.
        tell = partial(work.keep, seconds=PLANNING_SECONDS + rows // _ROWS_MIGRATED_PER_SECOND)
        tell()
        with _said_of_version(version):
            bring_schema(schema, source=version, tell=tell)
        work.keep()

    def check(self, work: Work) -> bool:
        del work
        return False

    def verify(self, work: Work) -> bool:
        return self._is_there(work)

    def _is_there(self, work: Work) -> bool:
        return read_catalog(self.schema(work)).fingerprint == ensure_template().fingerprint

    def do(self, work: Work) -> Mapping[str, Any]:  # Any: JSON
        return {"from": archive_version(work)}

    def undo(self, work: Work) -> None:
        """Nothing of its own: the schema goes."""


@contextmanager
def opened_for(work: Work) -> Generator[ArchiveReader]:
    """The archive that the run was given."""
    tenant = work.tenant() if is_kept_by_tenant(work.request.archive) else None
    try:
        with opened(work.request.archive, tenant=tenant, tell=work.keep) as reader:
            yield reader
    except FileNotFoundError as error:
        raise ArchiveGone(_("The archive is not there any more: its time is over.")) from error


def taken(work: Work) -> Mapping[str, Any]:  # Any: JSON
    """What `TakeArchive` noted."""
    with platform_scope(reason="what was taken from the archive"):
        result: Mapping[str, Any] = Step.objects.values_list("result", flat=True).get(run_id=work.run_pk, name=TAKE)
    return result


def archive_version(work: Work) -> str:
    """The version of the archive's tables; this code's where another version of it noted none."""
    return str(taken(work).get("version") or code_schema_version())


def archive_tables(work: Work) -> list[str]:
    """The tables that the archive carries, in order."""
    return sorted(taken(work).get("tables") or CARRIED)


def template_catalog() -> Catalog:
    """The catalog that a finished schema of this code has."""
    return catalog_of(code_schema_version())


@contextmanager
def _said_without_rows(table: str) -> Generator[None]:
    """What the database holds against a table's rows, without the rows themselves: an operator reads this."""
    try:
        yield
    # COPY's errors come from psycopg itself, those of statements through Django.
    except (psycopg.DataError, psycopg.IntegrityError, DataError, IntegrityError) as error:
        cause = error if isinstance(error, psycopg.Error) else error.__cause__
        told = cause.diag.constraint_name or cause.sqlstate if isinstance(cause, psycopg.Error) else type(error).__name__
        raise ArchiveDamaged(
            _("The database does not take the rows of “%(table)s” (%(told)s).") % {"table": table, "told": told}
        ) from error


@contextmanager
def _said_of_version(version: str) -> Generator[None]:
    """What a migration has against the rows, by its statement and without them."""
    try:
        yield
    except (PlanFailed, StatementFailed, DatabaseError) as error:
        raise ArchiveOfOtherVersion(
            _("What is of version “%(version)s” does not come along to this one: %(why)s")
            % {"version": version, "why": str(error).partition("\n")[0]}
        ) from error


def _require_columns(tables: Iterable[Table], catalog: Catalog) -> None:
    for table in tables:
        if table.columns != columns_of(catalog, table.name):
            raise ArchiveOfOtherVersion(
                _("The columns of “%(table)s” in the archive are not those of this version.") % {"table": table.name}
            )
