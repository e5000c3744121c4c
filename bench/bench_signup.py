"""How long a person waits from sending the sign-up form to the signed-in page of their own marketplace."""

from __future__ import annotations

import os
import re
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.measure import Result, seconds
from bench.visitor import Page, Visitor
from ops.installation import Installation, prepare
from ops.local.databases import empty_database
from ops.local.process import free_port
from ops.local.redis import start_redis

_RUNS = 9
# Each process loads what it needs at its first request or task; one sign-up may not reach both workers.
_WARM_UP = 3
_HIDDEN = re.compile(r'name="(csrfmiddlewaretoken|key|plan)" (?:value="([^"]*)")?')


def run() -> list[Result]:
    """`signup.live`, by real processes: pages, workers, sweeper, servers, as `make demo` starts them."""
    with ExitStack() as stack:
        installation = _installation(stack)
        taken = [_sign_up(installation, number) for number in range(_RUNS + _WARM_UP)][_WARM_UP:]
    values, baselines = zip(*taken, strict=True)
    return [
        Result(
            "signup.live", statistics.median(values), "s", statistics.median(baselines), "lower", _RUNS,
            goal="<= 1 s", note=f"form sent to signed-in page, n={_RUNS}; baseline: the same pages, the marketplace standing",
        )
    ]  # fmt: skip


def _sign_up(installation: Installation, number: int) -> tuple[float, float]:
    """Seconds of one sign-up, and of the same pages asked for once more; the browser is at the form already."""
    visitor = Visitor(installation.port)
    start = f"http://localhost:{installation.port}/start/"
    form = _filled(visitor.get(start), number)
    seen: list[Page] = []

    def live() -> None:
        seen.append(visitor.post(start, form))
        seen.append(visitor.stay(seen[0]))

    def again() -> None:
        visitor.get(start)
        visitor.get(seen[0].url)
        seen.append(visitor.get(f"{seen[0].url}enter/"))

    taken = seconds(live), seconds(again)
    _check(seen, form)
    return taken


def _filled(page: Page, number: int) -> dict[str, str]:
    return dict(_HIDDEN.findall(page.content)) | {
        "name": f"Bench {number}",
        "slug": f"bench-signup-{number}",
        "email": f"owner-{number}@bench.example",
        "kind": "tutoring",
        "brand": "#0b6bcb",
    }


def _check(seen: list[Page], form: dict[str, str]) -> None:
    """A quick answer that is not the owner's page would be no answer."""
    for page in seen[1:]:
        if f"//{form['slug']}." not in page.url or not page.url.endswith("/manage/") or form["name"] not in page.content:
            raise RuntimeError(f"Not the owner's page of {form['slug']}: {page.url}")


def _installation(stack: ExitStack) -> Installation:
    """A whole installation of its own, with a schema ready for each sign-up."""
    home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stoa-bench-")))
    addresses = stack.enter_context(empty_database(os.environ, f"stoa_bench_signup_{os.getpid()}"))
    redis = start_redis(home / "redis", durable=False)
    stack.callback(redis.stop)
    given = dict(os.environ) | addresses | {"REDIS_URL": redis.url(), "POOL_TARGET": str(_RUNS + _WARM_UP)}
    installation = prepare(home, port=free_port(), given=given, stack=stack)
    # The samples have taken some.
    installation.manage("pool", "fill")
    installation.start(stack)
    return installation
