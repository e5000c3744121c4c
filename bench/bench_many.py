"""What a page costs when hundreds of tenants share a server, against the same page of one; and what its memory costs."""

from __future__ import annotations

import os
import statistics
import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Final

from django.db import connection

from bench.markets import make_market
from bench.measure import Result, seconds
from bench.serving import Browser, gunicorn
from tenants.scope import owner_scope

_TENANTS: Final = int(os.environ.get("BENCH_TENANTS", "300"))
_PATH: Final = "/services/"
_ROUNDS: Final = 5
_P95: Final = 94
_MILLI: Final = 1000


def run() -> list[Result]:
    """`request.many_tenants`: p95 of the pages of one tenant after the other; baseline: as many of one tenant."""
    hosts = [f"{make_market(f'many-{number}').slug}.localhost" for number in range(_TENANTS)]
    with (
        tempfile.TemporaryDirectory(prefix="stoa-bench-") as folder,
        gunicorn(Path(folder) / "web.log") as server,
        Browser(server.port) as browser,
    ):
        pairs = [_round(browser, hosts) for _ in range(_ROUNDS + 1)]
        memory = _memory(server.pid)
    value, baseline = (statistics.median(column) for column in zip(*pairs[1:], strict=True))
    note = f"{_TENANTS} tenants after each other, ms p95; {memory}"
    return [Result("request.many_tenants", value, "ms p95", baseline, "lower", _ROUNDS, goal="<= 1.10", note=note)]


def _round(browser: Browser, hosts: list[str]) -> tuple[float, float]:
    # In parts, so that whatever else the machine does hits both alike; the one is asked often enough to be warm.
    many, one = [], []
    for first in range(0, len(hosts), 10):
        part = hosts[first : first + 10]
        many += [_span(browser, host) for host in part]
        _span(browser, hosts[0])
        one += [_span(browser, hosts[0]) for _ in part]
    return tuple(statistics.quantiles(spans, n=100)[_P95] * _MILLI for spans in (many, one))  # type: ignore[return-value]  # of two


def _span(browser: Browser, host: str) -> float:
    def ask() -> None:
        status, content = browser.get(host, _PATH)
        if status != HTTPStatus.OK or b"Service 1" not in content:
            raise RuntimeError(f"{host} answered {status}: {content[:300]!r}")

    return seconds(ask)


def _memory(pid: int) -> str:
    """What the pages' process and the largest of its PostgreSQL backends hold by now, by Linux's own count."""
    with owner_scope(reason="bench"), connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        backends = [row[0] for row in cursor.fetchall()]
    workers = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return f"backend {max(map(_megabytes, backends))} MB, pages {max(map(_megabytes, workers))} MB"


def _megabytes(pid: int) -> int:
    """Memory of its own: PostgreSQL's shared buffers belong to all."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return round(sum(int(line.split()[1]) for line in lines if line.startswith(("Private_", "Swap:"))) / 1024)
