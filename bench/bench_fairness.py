"""How much longer the others wait for their pages while one tenant asks for ten times as many as each of them."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Final

from bench.markets import make_market
from bench.measure import Result
from bench.serving import Browser, Server, gunicorn

_PATH: Final = "/services/"
_OTHERS: Final = 8
# Each of the others; together they leave the process most of its time.
_PER_SECOND: Final = 1
_TIMES: Final = 10
_SECONDS: Final = 12.0
_P95: Final = 94
_MILLI: Final = 1000
_NOISY_CLIENTS: Final = 8
_NOISY: Final = "noisy.localhost"
# More than a burst: what is measured is a crowd that stays, and not the first seconds of one.
_SPENT: Final = 80


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The others' waiting in milliseconds, and what the noisy one was told."""

    spans: tuple[float, ...]
    told: Counter[int]


def run() -> list[Result]:
    """`fairness.requests` with the limits of the smallest plan, and `fairness.unlimited`, its control, without any."""
    others = [f"quiet-{number}.localhost" for number in range(_OTHERS)]
    for host in (*others, _NOISY):
        make_market(host.removesuffix(".localhost"), plan_code="stall")
    with tempfile.TemporaryDirectory(prefix="stoa-bench-") as folder:
        return [
            _measured(Path(folder), others, "fairness.requests", "bench.settings_limited", rounds=4, goal="<= 1.3"),
            _measured(Path(folder), others, "fairness.unlimited", "config.settings.test", rounds=2, goal="(control)"),
        ]


def _measured(folder: Path, others: list[str], name: str, settings: str, *, rounds: int, goal: str) -> Result:
    """Stretches with the noisy one and without, in turns, on a server of their own."""
    noisy, quiet = [], []
    with gunicorn(folder / "web.log", DJANGO_SETTINGS_MODULE=settings) as server:
        _stretch(server, others, times=0, seconds=_SECONDS / 2)
        for _ in range(rounds):
            _spend_burst(server)
            noisy.append(_stretch(server, others, times=_TIMES, seconds=_SECONDS))
            quiet.append(_stretch(server, others, times=0, seconds=_SECONDS))
    told: Counter[int] = sum((stretch.told for stretch in noisy), Counter())
    pages, refusals = told[HTTPStatus.OK], told[HTTPStatus.TOO_MANY_REQUESTS]
    note = f"p95 of {_OTHERS} others; the noisy one got {pages} pages and {refusals} times 429"
    return Result(name, _p95(noisy), "ms p95", _p95(quiet), "lower", rounds, goal=goal, note=note)


def _p95(stretches: list[_Stretch]) -> float:
    spans = [span for stretch in stretches for span in stretch.spans]
    return statistics.quantiles(spans, n=100)[_P95]


def _spend_burst(server: Server) -> None:
    with Browser(server.port) as browser:
        for _ in range(_SPENT):
            browser.get(_NOISY, _PATH)


def _stretch(server: Server, others: list[str], *, times: int, seconds: float) -> _Stretch:
    started = time.monotonic() + 0.1
    told: Counter[int] = Counter()
    with ThreadPoolExecutor(_OTHERS + _NOISY_CLIENTS) as pool:
        step = 1 / _PER_SECOND
        asking = [
            pool.submit(_ask, server, host, _moments(started + step * number / _OTHERS, step, seconds))
            for number, host in enumerate(others)
        ]
        noisy_step = _NOISY_CLIENTS / (_PER_SECOND * times) if times else seconds * 2
        crowd = [
            pool.submit(
                _ask, server, _NOISY, _moments(started + noisy_step * (number + 0.5) / _NOISY_CLIENTS, noisy_step, seconds)
            )
            for number in range(_NOISY_CLIENTS if times else 0)
        ]
        answers = [answer for future in asking for answer in future.result()]
        told.update(status for future in crowd for _span, status in future.result())
    if any(status != HTTPStatus.OK for _span, status in answers):
        raise RuntimeError(f"The others were refused, too: {Counter(status for _span, status in answers)}")
    return _Stretch(tuple(span for span, _status in answers), told)


def _moments(first: float, step: float, seconds: float) -> Iterator[float]:
    for number in count():
        if number * step >= seconds:
            return
        yield first + number * step


def _ask(server: Server, host: str, moments: Iterator[float]) -> list[tuple[float, int]]:
    """Ask at these moments; how long each answer took from its moment on, and its status. Who comes late has waited, too."""
    answers = []
    with Browser(server.port) as browser:
        for moment in moments:
            time.sleep(max(0.0, moment - time.monotonic()))
            status, _content = browser.get(host, _PATH)
            answers.append(((time.monotonic() - moment) * _MILLI, status))
    return answers
