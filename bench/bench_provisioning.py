"""How fast an organization gets its schema: from the pool, by replay, and by django-tenants' default."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction

from bench.made import what_is_made
from bench.measure import Result, seconds
from kernel.ids import new_id
from provisioning import pool
from provisioning.schemas.replay import run_script
from provisioning.schemas.template import template_script
from tenants.schemas import schema_for

_ROUNDS = 15
_WARM_UP = 3
# As the pool is filled: several in a row on one connection.
_BATCH = 10


def run() -> list[Result]:
    """`provision.claim` and `provision.replay`, each against the default, all three in turns.

    A replay's time is the mean of a batch, whose first one meets empty catalog caches: the thousands of invalidations that
    the default sends have just thrown them away.
    """
    script = template_script()
    pool.fill(_ROUNDS + _WARM_UP)
    with _default_creation() as create_by_default:
        rounds = [(create_by_default(), _replays(script), seconds(_claim)) for _ in range(_ROUNDS + _WARM_UP)][_WARM_UP:]
    default, replay, claim = (statistics.median(column) * 1000 for column in zip(*rounds, strict=True))
    return [
        Result("provision.replay", replay, "ms", default, "lower", _ROUNDS, goal="<= 0.05", note=_times(default, replay)),
        Result("provision.claim", claim, "ms", default, "lower", _ROUNDS, goal="<= 0.0033", note=_times(default, claim)),
    ]


def _times(default: float, ours: float) -> str:
    return f"{default / ours:.0f} times faster than django-tenants' create_schema"


def _replays(script: str) -> float:
    schemas = [schema_for(new_id()) for _ in range(_BATCH)]

    def replay() -> None:
        for schema in schemas:
            with transaction.atomic():
                run_script(script, schema)

    return seconds(replay) / _BATCH


def _claim() -> None:
    if pool.claim() is None:
        raise RuntimeError("The pool is empty; nothing was measured.")


@contextmanager
def _default_creation() -> Generator[object]:
    """A process with django-tenants' own settings; yields a function that creates a schema there and tells its seconds."""
    database = settings.DATABASES["default"] | {name: settings.ADMIN_DATABASE[name] for name in ("USER", "PASSWORD")}
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    worker = subprocess.Popen(
        [sys.executable, "-m", "bench.default_creation"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": "", "DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, "PYTHONPATH": ".:platform"},
    )

    def create() -> float:
        worker.stdin.write("one\n")
        worker.stdin.flush()
        took, schema = worker.stdout.readline().split()
        _refuse_another_schema(schema)
        return float(took)

    try:
        yield create
    finally:
        worker.stdin.close()
        worker.wait(timeout=30)


def _refuse_another_schema(schema: str) -> None:
    """The comparison is only fair when both sides make the same thing."""
    mine = schema_for(new_id())
    with transaction.atomic():
        run_script(template_script(), mine)
    if differences := what_is_made(schema).differences(what_is_made(mine)):
        raise RuntimeError(f"The default makes another schema: {differences[:3]}")
