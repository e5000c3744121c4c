"""`make bench`: run every benchmark, print a table, write `bench/out/results.json`."""

from __future__ import annotations

import importlib
import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path

from bench.measure import Result
from ops.local.home import ROOT, local_home
from ops.local.postgres import start_postgres
from ops.local.redis import start_redis

MODULES = (
    "bench_provisioning",
    "bench_footprint",
    "bench_request",
    "bench_slots",
    "bench_booking",
    "bench_signup",
    "bench_domains",
    "bench_fleet",
    "bench_archive",
    "bench_jobs",
    "bench_fairness",
    "bench_many",
    "bench_suspend",
    "bench_webhooks",
    "bench_entitlement",
)
OUT = Path(__file__).parent / "out"


def main() -> int:
    """Run the modules named on the command line, or all of them."""
    wanted = sys.argv[1:] or list(MODULES)
    with ExitStack() as stack:
        _start_servers(stack)
        _set_up_django()
        results = [result for name in wanted for result in _run(name)]
    OUT.mkdir(exist_ok=True)
    (OUT / "results.json").write_text(json.dumps({result.name: result.as_json() for result in results}, indent=2) + "\n")
    print(f"\nwritten to {OUT.relative_to(ROOT) / 'results.json'}")
    return 0


def _start_servers(stack: ExitStack) -> None:
    home = local_home("bench")
    if "DATABASE_URL" not in os.environ:
        postgres = start_postgres(home / "postgres", durable=False)
        stack.callback(postgres.stop)
        os.environ.update(postgres.addresses("postgres"))
    if "REDIS_URL" not in os.environ:
        redis = start_redis(home / "redis", durable=False)
        stack.callback(redis.stop)
        os.environ["REDIS_URL"] = redis.url()


def _set_up_django() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    # A line for each of thousands of requests would bury the table.
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()


def _run(name: str) -> list[Result]:
    """Run one module on a fresh copy of the database with the two twins, and print its lines."""
    from ops.local.databases import copied_database, template_database
    from tests.factories.tenants import create_twins

    with (
        template_database(create_twins, depends_on=[ROOT / "tests/factories/tenants.py"]) as template,
        copied_database(template, f"stoa_bench_{os.getpid()}"),
    ):
        results = importlib.import_module(f"bench.{name}").run()
    for result in results:
        print(
            f"{result.name:<24} {result.value:>10.3f} {result.unit:<8} baseline {result.baseline:>10.3f}"
            f"   ratio {result.ratio:>8.3f}   goal {result.goal or '-':<10} {result.note}",
            flush=True,
        )
    return results


if __name__ == "__main__":
    sys.exit(main())
