"""Measure two ways of doing one thing in turns, so that whatever else the machine does hits both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True)
class Result:
    """One line of the report. `value` and `baseline` are medians of `n` measurements each, in `unit`."""

    name: str
    value: float
    unit: str
    baseline: float
    better: Literal["lower", "higher"]
    n: int
    goal: str = ""
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.value / self.baseline

    def as_json(self) -> dict[str, object]:
        """What `bench/out/results.json` holds of it."""
        fields = asdict(self)
        return {key: fields[key] for key in ("value", "unit", "baseline", "better", "n")} | {"ratio": self.ratio}


def seconds(action: Callable[[], object]) -> float:
    """How long one call takes, by the wall clock."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def in_turns(ours: Callable[[], float], baseline: Callable[[], float], *, n: int, warm_up: int = 2) -> tuple[float, float]:
    """Medians of `n` measurements of each, taken in turns; the first `warm_up` rounds are thrown away."""
    pairs = [(ours(), baseline()) for _ in range(n + warm_up)][warm_up:]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)
