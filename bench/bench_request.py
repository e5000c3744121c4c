"""What tenancy costs a page: our middleware, witness and stamps against plain Django on the same tables."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack

from django.conf import settings

from bench.measure import Result, in_turns
from tenant_apps.catalog.models import Category, Service
from tenant_apps.providers.models import Provider
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.factories.tenants import ALPHA_ID

_REQUESTS = 100
_ROUNDS = 9


def run() -> list[Result]:
    """`request.overhead`: CPU seconds of a list page."""
    tenant = context_for(ALPHA_ID)
    assert tenant is not None
    with tenant_scope(tenant):
        _fill()
    with ExitStack() as stack:
        workers = {mode: stack.enter_context(_worker(mode, tenant.schema, tenant.primary_host)) for mode in ("tenant", "plain")}
        value, baseline = in_turns(lambda: _ask(workers["tenant"]), lambda: _ask(workers["plain"]), n=_ROUNDS)
        for worker in workers.values():
            assert worker.stdin is not None
            worker.stdin.close()
    per_request = 1000 / _REQUESTS
    return [
        Result(
            "request.overhead", value * per_request, "ms CPU", baseline * per_request, "lower", _ROUNDS,
            goal="<= 1.10", note="tenant page against the same view in plain Django",
        )
    ]  # fmt: skip


def _worker(mode: str, schema: str, host: str) -> subprocess.Popen[str]:
    database = settings.DATABASES["default"]
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return subprocess.Popen(
        [sys.executable, "-m", "bench.request_worker", mode, schema, host],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": "", "DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, "PYTHONPATH": ".:platform"},
    )


def _ask(worker: subprocess.Popen[str]) -> float:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(f"{_REQUESTS}\n")
    worker.stdin.flush()
    return float(worker.stdout.readline())


def _fill() -> None:
    category = Category.objects.create(slug="bench", name="Bench")
    provider = Provider.objects.create(slug="bench", display_name="Bench", time_zone="Europe/London")
    Service.objects.bulk_create(
        Service(
            provider=provider, category=category, slug=f"bench-{number}", title=f"Service {number}",
            price_minor=1000 + number, currency="GBP", duration_minutes=60,
        )
        for number in range(50)
    )  # fmt: skip
