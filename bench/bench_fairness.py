"""How much longer the others wait for their pages while one tenant asks for ten times as many as each of them."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from random import Random
from typing import Final

from bench.markets import make_market
from bench.measure import Result
from bench.serving import Browser, Server, gunicorn

_PATH: Final = "/services/"
_OTHERS: Final = 4
_TIMES: Final = 10
# Of what one process can answer. Ten times one of them is then three quarters: only together it is more than there is.
_OTHERS_SHARE: Final = 0.3
_SECONDS: Final = float(os.environ.get("BENCH_STRETCH_SECONDS", "20"))
_CALIBRATION_SECONDS: Final = 4.0
_P95: Final = 94
_MILLI: Final = 1000
# More connections than the process has threads: without limits, a crowd may take them all.
_NOISY_CLIENTS: Final = 12
_NOISY: Final = "noisy.localhost"
# More than a burst: what is measured is a crowd that stays, and not the first seconds of one.
_SPENT: Final = 80


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The others' waiting in milliseconds, and what the noisy one was told."""

    spans: tuple[float, ...]
    told: Counter[int]


def run() -> list[Result]:
    """`fairness.requests` with the limits of the smallest plan, and `fairness.unlimited`, its control, without any.

    The server is one of the two processes that `docker-compose.yml` runs, so half of the plan's rate is its part. The others
    have the largest plan: whatever a process can answer, nobody but the noisy one comes near to a limit.
    """
    others = [f"quiet-{number}.localhost" for number in range(_OTHERS)]
    for host in others:
        make_market(host.removesuffix(".localhost"), plan_code="hall")
    make_market(_NOISY.removesuffix(".localhost"), plan_code="stall")
    with tempfile.TemporaryDirectory(prefix="stoa-bench-") as folder:
        return [
            _measured(Path(folder), others, "fairness.requests", "bench.settings_limited", rounds=3, goal="<= 1.3"),
            _measured(Path(folder), others, "fairness.unlimited", "config.settings.test", rounds=2, goal="(control)"),
        ]


def _measured(folder: Path, others: list[str], name: str, settings: str, *, rounds: int, goal: str) -> Result:
    """Stretches with the noisy one and without, in turns, on a server of their own."""
    noisy, quiet = [], []
    with gunicorn(folder / "web.log", DJANGO_SETTINGS_MODULE=settings, WEB_PROCESSES="2") as server:
        per_second = _pages_per_second(server, others) * _OTHERS_SHARE / _OTHERS
        for number in range(rounds):
            _spend_burst(server)
            noisy.append(_stretch(server, others, per_second=per_second, times=_TIMES, seed=number))
            quiet.append(_stretch(server, others, per_second=per_second, times=0, seed=number))
    told: Counter[int] = sum((stretch.told for stretch in noisy), Counter())
    pages, refusals = told[HTTPStatus.OK], told[HTTPStatus.TOO_MANY_REQUESTS]
    note = (
        f"p95 of {_OTHERS} others at {per_second:.1f} a second; the noisy one got {pages} pages and {refusals} times 429;"
        f" load average {os.getloadavg()[0]:.1f}"
    )
    return Result(name, _p95(noisy), "ms p95", _p95(quiet), "lower", rounds, goal=goal, note=note)


def _pages_per_second(server: Server, others: list[str]) -> float:
    """What one process answers to a visitor who asks for one page after the other, when it knows them."""
    with Browser(server.port) as browser:
        for host in others:
            browser.get(host, _PATH)
        started, pages = time.monotonic(), 0
        while time.monotonic() - started < _CALIBRATION_SECONDS:
            browser.get(others[pages % len(others)], _PATH)
            pages += 1
        return pages / (time.monotonic() - started)


def _p95(stretches: list[_Stretch]) -> float:
    spans = [span for stretch in stretches for span in stretch.spans]
    return statistics.quantiles(spans, n=100)[_P95]


def _spend_burst(server: Server) -> None:
    with Browser(server.port) as browser:
        for _ in range(_SPENT):
            browser.get(_NOISY, _PATH)


def _stretch(server: Server, others: list[str], *, per_second: float, times: int, seed: int) -> _Stretch:
    """With one seed the others come at the same moments, whether the noisy one is there or not."""
    started = time.monotonic() + 0.1
    told: Counter[int] = Counter()
    chance = Random(seed)
    with ThreadPoolExecutor(_OTHERS + _NOISY_CLIENTS) as pool:
        asking = [pool.submit(_ask, server, host, _moments(chance, started, per_second)) for host in others]
        crowd = [
            pool.submit(_ask, server, _NOISY, _moments(chance, started, per_second * times / _NOISY_CLIENTS))
            for _ in range(_NOISY_CLIENTS if times else 0)
        ]
        answers = [answer for future in asking for answer in future.result()]
        told.update(status for future in crowd for _span, status in future.result())
    if any(status != HTTPStatus.OK for _span, status in answers):
        raise RuntimeError(f"The others were refused, too: {Counter(status for _span, status in answers)}")
    return _Stretch(tuple(span for span, _status in answers), told)


def _moments(chance: Random, started: float, per_second: float) -> list[float]:
    """When somebody comes: independent of each other, as people are, and of how fast they are answered.

    Visitors who come at even distances never meet, and then any crowd at all would look like a queue.
    """
    moments, moment = [], started
    while (moment := moment + chance.expovariate(per_second)) < started + _SECONDS:
        moments.append(moment)
    return moments


def _ask(server: Server, host: str, moments: Sequence[float]) -> list[tuple[float, int]]:
    """Ask at these moments; how long each answer took from its moment on, and its status. Who comes late has waited, too."""
    answers = []
    with Browser(server.port) as browser:
        for moment in moments:
            time.sleep(max(0.0, moment - time.monotonic()))
            status, _content = browser.get(host, _PATH)
            answers.append(((time.monotonic() - moment) * _MILLI, status))
    return answers
