"""How fast a fleet gets a column and an index, against django-tenants' `migrate_schemas`; how fast one knows who is behind."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction

from bench.made import what_is_made
from bench.measure import Result, seconds
from kernel.actor import Actor
from kernel.ids import new_id
from provisioning.fleet.ddl import recorded_migrations
from provisioning.fleet.engine import advance_fleet_to_end
from provisioning.fleet.enlisting import versions_behind
from provisioning.fleet.services import start_fleet_run
from provisioning.schemas.replay import run_script
from provisioning.schemas.template import template_script
from tenants.models import Tenant
from tenants.schemas import code_schema_version, schema_for
from tenants.scope import platform_scope
from tests.factories.tenants import create_tenant
from tests.provisioning.fleet.releases import COLUMN_AND_INDEX, released

_TENANTS = int(os.environ.get("BENCH_TENANTS", "300"))
# The baseline takes seconds for each schema, so it gets a handful, in as many turns as the fleet is cut into.
_TURNS = 3
_REGISTRY = 1000
_NOOP_ROUNDS = 30
_ASKED = 10


def run() -> list[Result]:
    """`fleet.migrate` in tenants per second, and `fleet.noop` in milliseconds."""
    behind = [_schema() for _ in range(_TURNS + 1)]
    groups = [[_tenant(f"m{turn}x{number}") for number in range(_TENANTS // _TURNS)] for turn in range(_TURNS)]
    with tempfile.TemporaryDirectory() as folder, released(Path(folder), {"0900_columns": COLUMN_AND_INDEX}) as release:
        with _default_migration(Path(folder), release) as migrate_by_default:
            migrate_by_default(behind[0])
            turns = [
                (_migrated(group), 1 / migrate_by_default(schema)) for group, schema in zip(groups, behind[1:], strict=True)
            ]
        _refuse_another_schema(groups[0][0].schema_name, behind[1])
        noop, noop_baseline = _noop()
    ours, default = (statistics.median(column) for column in zip(*turns, strict=True))
    note = f"{_TENANTS} tenants in {_TURNS} groups; migrate_schemas on {_TURNS} schemas; ours with the plan"
    return [
        Result("fleet.migrate", ours, "/s", default, "higher", _TURNS, goal=">= 100", note=note),
        Result("fleet.noop", noop, "ms", noop_baseline, "lower", _NOOP_ROUNDS, goal="<= 5 ms", note=f"{_REGISTRY} rows"),
    ]


def _schema() -> str:
    schema = schema_for(new_id())
    with transaction.atomic():
        run_script(template_script(), schema)
    return schema


def _tenant(slug: str) -> Tenant:
    tenant_id = new_id()
    with transaction.atomic():
        run_script(template_script(), schema_for(tenant_id))
    return create_tenant(tenant_id, slug)


def _migrated(group: list[Tenant]) -> float:
    """Tenants per second for one group, with its share of the one plan; the others wait as if they were erased."""
    ids = [tenant.pk for tenant in group]
    with platform_scope(reason="bench"):
        Tenant.objects.exclude(pk__in=ids).update(status="erased")
        Tenant.objects.filter(pk__in=ids).update(status="active")

    started = time.perf_counter()
    run = start_fleet_run(actor=Actor.system("bench"))
    planned = time.perf_counter()
    if run is None or advance_fleet_to_end(run.pk) != "done":
        raise RuntimeError("The fleet did not arrive; nothing was measured.")
    took = time.perf_counter() - planned + (planned - started) * len(group) / _TENANTS
    with platform_scope(reason="bench"):
        if Tenant.objects.filter(pk__in=ids, schema_version=code_schema_version()).count() != len(group):
            raise RuntimeError("Somebody was left behind; nothing was measured.")
    return len(group) / took


def _noop() -> tuple[float, float]:
    """Who is behind among a thousand, by the registry's column; the baseline asks the schemas of ten for their migrations."""
    with platform_scope(reason="bench"):
        Tenant.objects.update(status="active", schema_version=code_schema_version())
        missing = _REGISTRY - Tenant.objects.count()
    for number in range(missing):
        create_tenant(new_id(), f"row-{number}")
    rounds = [(seconds(versions_behind), seconds(_ask_schemas)) for _ in range(_NOOP_ROUNDS)]
    ours, asked = (statistics.median(column) * 1000 for column in zip(*rounds, strict=True))
    return ours, asked * _REGISTRY / _ASKED


def _ask_schemas() -> None:
    with platform_scope(reason="bench"):
        real = Tenant.objects.exclude(slug__startswith="row-")
        schemas = list(real.values_list("schema_name", flat=True)[:_ASKED])
    for schema in schemas:
        recorded_migrations(schema)


@contextmanager
def _default_migration(folder: Path, release: str) -> Generator[object]:
    """A process with django-tenants' own settings; yields a function that migrates a schema there and tells its seconds."""
    database = settings.DATABASES["default"] | {name: settings.ADMIN_DATABASE[name] for name in ("USER", "PASSWORD")}
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    given = {"PATH": "", "DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, "BENCH_RELEASE": release}
    worker = subprocess.Popen(
        [sys.executable, "-m", "bench.default_migration"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=given | {"PYTHONPATH": f".:platform:{folder}"},
    )

    def migrate(schema: str) -> float:
        worker.stdin.write(f"{schema}\n")
        worker.stdin.flush()
        return float(worker.stdout.readline())

    try:
        yield migrate
    finally:
        worker.stdin.close()
        worker.wait(timeout=30)


def _refuse_another_schema(ours: str, default: str) -> None:
    """The comparison is only fair when both sides make the same thing."""
    # django-tenants' own backend makes the `_like` indexes that ours leaves out; a release with such a column would differ.
    extra = [line for line in what_is_made(default).differences(what_is_made(ours)) if "_like" not in line]
    if extra:
        raise RuntimeError(f"The default makes another schema: {extra[:3]}")
