"""What tenancy costs a page: our middleware, witness and stamps against plain Django on the same tables."""

from __future__ import annotations

import base64
import pickle
import subprocess
import sys
from contextlib import ExitStack

from django.conf import settings

from bench.markets import fill_market
from bench.measure import Result, in_turns
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID

# Few at a time and often in turns: whatever else the machine does hits both alike.
_REQUESTS = 4
_MILLI = 1000
_ROUNDS = 61


def run() -> list[Result]:
    """`request.overhead`: wall-clock time of the storefront's list of services, two organizations in turn."""
    twins = [tenant for tenant in map(context_for, (ALPHA_ID, BETA_ID)) if tenant is not None]
    for tenant in twins:
        with tenant_scope(tenant):
            fill_market()
    with ExitStack() as stack:
        ours, plain = (stack.enter_context(_worker(mode, whom)) for mode, whom in (("tenant", twins), ("plain", twins[:1])))
        value, baseline = in_turns(lambda: _ask(ours), lambda: _ask(plain), n=_ROUNDS)
        for worker in (ours, plain):
            assert worker.stdin is not None
            worker.stdin.close()
    return [
        Result(
            "request.overhead", value * _MILLI, "ms", baseline * _MILLI, "lower", _ROUNDS,
            goal="<= 1.10", note="a list page of two tenants in turn, by WSGI; baseline: the same view in plain Django",
        )
    ]  # fmt: skip


def _worker(mode: str, tenants: list[TenantContext]) -> subprocess.Popen[str]:
    database = settings.DATABASES["default"]
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    known = [base64.b64encode(pickle.dumps(tenant)).decode() for tenant in tenants]
    return subprocess.Popen(
        [sys.executable, "-m", "bench.request_worker", mode, *known],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={
            "PATH": "",
            "DATABASE_URL": url,
            "REDIS_URL": settings.REDIS_URL,
            "PYTHONPATH": ".:platform",
            "LOG_LEVEL": "WARNING",
        },
    )


def _ask(worker: subprocess.Popen[str]) -> float:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(f"{_REQUESTS}\n")
    worker.stdin.flush()
    return float(worker.stdout.readline())
