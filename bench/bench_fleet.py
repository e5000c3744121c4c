"""How fast a fleet gets a column and an index, against django-tenants' `migrate_schemas`; how fast one knows who is behind."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from threading import Thread

import psycopg
from django.conf import settings
from django.db import transaction
from django.db.models import Max, Min

from bench.made import what_is_made
from bench.measure import Result, seconds
from kernel.actor import Actor
from kernel.ids import new_id
from provisioning import pool
from provisioning.fleet.ddl import record_sql, recorded_migrations
from provisioning.fleet.engine import CONNECTIONS, advance_fleet_to_end
from provisioning.fleet.enlisting import versions_behind
from provisioning.fleet.services import start_fleet_run
from provisioning.models import FleetMove, FleetPlan
from provisioning.schemas.replay import run_script
from provisioning.schemas.template import ensure_template, template_script
from tenants.models import Tenant
from tenants.schemas import code_schema_version, schema_for
from tenants.scope import platform_scope
from tenants.wall import admin_connection
from tests.factories.tenants import create_tenant
from tests.provisioning.fleet.releases import COLUMN_AND_INDEX, released

_TENANTS = int(os.environ.get("BENCH_TENANTS", "300"))
# Each turn is a release of its own that the whole fleet is brought to. Of the baselines, one takes a large part of a second
# for each schema, so it gets a few before the fleet and a few after it; the bare SQL gets a part of the fleet's number.
_TURNS = 3
_BY_DEFAULT = 2
_BARE = max(_TENANTS // 5, 4)
_REGISTRY = 1000
_NOOP_ROUNDS = 30
_ASKED = 10


@dataclass(frozen=True)
class _Turn:
    """Tenants per second of one release; `replay` is the fleet's without what a run costs once, whatever its tenants."""

    fleet: float
    default: float
    replay: float
    bare: float
    once: float


def run() -> list[Result]:
    """`fleet.migrate` and `fleet.replay` in tenants per second, and `fleet.noop` in milliseconds."""
    by_default = [_schema() for _ in range(2 * _BY_DEFAULT + 1)]
    bare = [_schema() for _ in range(_BARE)]
    fleet = [_tenant(f"m{number}") for number in range(_TENANTS)]
    pool.fill(1)
    with platform_scope(reason="bench"):
        Tenant.objects.exclude(pk__in=[tenant.pk for tenant in fleet]).update(status="erased")
    with tempfile.TemporaryDirectory() as folder:
        turns = [_turn(Path(folder), number, fleet, by_default, bare) for number in range(_TURNS)]
        with released(Path(folder), _bodies(_TURNS)):
            _refuse_another_schema(fleet[0].schema_name, by_default[1])
            noop, noop_baseline = _noop()
    ours, default, replay, floor, once = (statistics.median(column) for column in zip(*map(astuple, turns), strict=True))
    note = f"{_TENANTS} tenants, {_TURNS} releases, the plan and all else that a run does once ({once:.2f} s) with them"
    return [
        Result("fleet.migrate", ours, "/s", default, "higher", _TURNS, goal=">= 100", note=note),
        Result("fleet.replay", replay, "/s", floor, "higher", _TURNS, note="without it, against the bare SQL"),
        Result("fleet.noop", noop, "ms", noop_baseline, "lower", _NOOP_ROUNDS, goal="<= 5 ms", note=f"{_REGISTRY} rows"),
    ]


def _bodies(count: int) -> dict[str, str]:
    """The first releases, each of them a column and an index."""
    return {f"090{number}_columns": COLUMN_AND_INDEX.replace("colour", f"colour_{number}") for number in range(count)}


def _turn(folder: Path, number: int, fleet: list[Tenant], by_default: list[str], bare: list[str]) -> _Turn:
    with released(folder, _bodies(number + 1)) as release, _default_migration(folder, release) as migrate_by_default:
        # A release's template is built for those who sign up, whatever becomes of the others.
        ensure_template()
        warming, *schemas = by_default
        migrate_by_default([warming])
        before = migrate_by_default(schemas[:_BY_DEFAULT])
        once, took = _migrated(fleet)
        # As the sweeper does; the next release's plan is tried on it.
        pool.fill(1)
        default = (before + migrate_by_default(schemas[_BY_DEFAULT:])) / len(schemas)
        return _Turn(len(fleet) / (once + took), 1 / default, len(fleet) / took, _BARE / _replayed_bare(bare), once)


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


def _migrated(fleet: list[Tenant]) -> tuple[float, float]:
    """The seconds for planning and settling, and those in between."""
    started = time.perf_counter()
    run = start_fleet_run(actor=Actor.system("bench"))
    if run is None or advance_fleet_to_end(run.pk) != "done":
        raise RuntimeError("The fleet did not arrive; nothing was measured.")
    ended = time.perf_counter()
    with platform_scope(reason="bench"):
        arrived = Tenant.objects.filter(pk__in=[tenant.pk for tenant in fleet], schema_version=code_schema_version())
        if arrived.count() != len(fleet):
            raise RuntimeError("Somebody was left behind; nothing was measured.")
        times = FleetMove.objects.filter(run=run).aggregate(first=Min("started_at"), last=Max("finished_at"))
    replayed = (times["last"] - times["first"]).total_seconds()
    return ended - started - replayed, replayed


def _replayed_bare(schemas: list[str]) -> float:
    """The seconds for the plan's SQL alone, in as many connections: nobody is held, looked at or noted in the registry."""
    with platform_scope(reason="bench"):
        plan = FleetPlan.objects.latest("pk")
    statements = [line for stage in plan.stages for line in stage["statements"]]
    statements.append(record_sql([label for stage in plan.stages for label in stage["migrations"]]))
    queue = list(schemas)

    def work(admin: psycopg.Connection) -> None:
        while queue:
            path = f"SET LOCAL search_path = {queue.pop()}"
            admin.execute("\n;".join(["BEGIN", "SET LOCAL synchronous_commit = off", path, *statements, "COMMIT"]).encode())

    with ExitStack() as stack:
        crew = [Thread(target=work, args=[stack.enter_context(admin_connection())]) for _ in range(CONNECTIONS)]
        return seconds(lambda: ([member.start() for member in crew], [member.join() for member in crew]))


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
def _default_migration(folder: Path, release: str) -> Generator[Callable[[list[str]], float]]:
    """A process with django-tenants' own settings; yields a function that migrates schemas there and tells the seconds."""
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

    def migrate(schemas: list[str]) -> float:
        worker.stdin.write(f"{' '.join(schemas)}\n")
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
