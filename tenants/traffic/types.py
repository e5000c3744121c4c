"""What was asked of a tenant in some time: plain numbers, and what they say together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from operator import add
from typing import Final, Self
from uuid import UUID

BUCKET: Final = timedelta(minutes=5)
"""One row of the table is so much time."""

KEPT: Final = timedelta(days=8)
"""A week can be compared with the one before's same day; older rows are deleted."""

# Upper bounds; what took longer than the last one is counted behind it. 1,000 has to be among them: it is what is called slow.
BOUNDS_MILLISECONDS: Final = (5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000)
LATENCY_PARTS: Final = len(BOUNDS_MILLISECONDS) + 1
COUNTS: Final = (
    "requests", "redirects", "client_errors", "server_errors", "throttled", "busy_milliseconds", "api_calls", "mails",
)  # fmt: skip
"""What is added up, with the names of `Traffic`'s fields and the tables' columns; `latency` follows them."""

_SLOW_FROM: Final = BOUNDS_MILLISECONDS.index(1_000) + 1

SLOW_BUCKET: Final = timedelta(minutes=15)
SLOW_KEPT: Final = timedelta(days=1)
"""As above, of statements that took long: their texts are long, too, and what was slow last week is looked for in traces."""

LONGEST_TEXT: Final = 500

Place = tuple[UUID, int]
"""Whose five minutes, and the second (since 1970) with which they begin."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counts of one tenant. `requests` were let in and answered; `throttled` were turned away by its limits, and are not in it.

    `busy_milliseconds` is how long threads were at them; `latency` how many took up to each of BOUNDS_MILLISECONDS (not added
    up), the last part being for all that took longer. `api_calls` are those of `requests` that a program made with a key, and
    `mails` are letters that went out, whoever asked for them: both are what plans sell (`shared_apps.metering`).
    """

    requests: int = 0
    redirects: int = 0
    client_errors: int = 0
    server_errors: int = 0
    throttled: int = 0
    busy_milliseconds: int = 0
    latency: tuple[int, ...] = (0,) * LATENCY_PARTS
    api_calls: int = 0
    mails: int = 0

    @classmethod
    def of(cls, counts: Iterable[int], latency: Iterable[int]) -> Self:
        """From the counts in the order of COUNTS."""
        return cls(**dict(zip(COUNTS, counts, strict=True)), latency=tuple(latency))

    def __add__(self, other: Traffic) -> Traffic:
        sums = (getattr(self, name) + getattr(other, name) for name in COUNTS)
        return Traffic.of(sums, map(add, self.latency, other.latency))

    @property
    def slow(self) -> int:
        """How many took longer than a second."""
        return sum(self.latency[_SLOW_FROM:])

    @property
    def error_rate(self) -> float:
        """The share of requests that failed by our own fault; 0 without requests."""
        return self.server_errors / self.requests if self.requests else 0.0

    def quantile(self, share: float) -> timedelta | None:
        """The time within which `share` (above 0, up to 1) of the requests were answered; None without requests.

        Estimated as Prometheus does: evenly within a part. Of what lies behind the last bound only that is known.
        """
        rank = share * sum(self.latency)
        if not rank:
            return None
        below = (0, *accumulate(self.latency))
        part = next(index for index in range(LATENCY_PARTS) if below[index + 1] >= rank)
        if part == len(BOUNDS_MILLISECONDS):
            return timedelta(milliseconds=BOUNDS_MILLISECONDS[-1])
        lower, upper = (0, *BOUNDS_MILLISECONDS)[part], BOUNDS_MILLISECONDS[part]
        return timedelta(milliseconds=lower + (upper - lower) * (rank - below[part]) / self.latency[part])

    @property
    def p95(self) -> timedelta | None:
        """The time within which 95 of a hundred requests were answered; None without requests."""
        return self.quantile(0.95)


@dataclass(frozen=True, slots=True)
class Slowness:
    """How often one statement took long, at worst how long, and when it last did.

    An empty `text` is all for which there was no room.
    """

    text: str
    count: int
    worst_milliseconds: int
    last_seen_at: datetime

    def joined(self, other: Slowness) -> Slowness:
        """Both together; they have to be of the same statement."""
        worst = max(self.worst_milliseconds, other.worst_milliseconds)
        return Slowness(self.text, self.count + other.count, worst, max(self.last_seen_at, other.last_seen_at))


NO_TRAFFIC: Final = Traffic()
