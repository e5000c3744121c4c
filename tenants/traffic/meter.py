"""Counts what is asked of each tenant, in the memory of this process: no request waits for it."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from uuid import UUID

from kernel import clock
from tenants.traffic.types import BOUNDS_MILLISECONDS, BUCKET, COUNTS, LATENCY_PARTS, Place, Traffic

# A thousand busy tenants for an hour and a half without a database, in some ten megabytes.
MOST_PLACES: Final = 20_000

_BUCKET_SECONDS: Final = int(BUCKET.total_seconds())
_CLASSES: Final = {3: "redirects", 4: "client_errors", 5: "server_errors"}
_HUNDRED: Final = HTTPStatus.CONTINUE.value


class _Counting:
    """What a `Traffic` is made of, while it is counted."""

    __slots__ = (*COUNTS, "latency")

    requests: int
    throttled: int
    api_calls: int
    mails: int
    busy_milliseconds: float

    def __init__(self) -> None:
        for name in COUNTS:
            setattr(self, name, 0)
        self.latency = [0] * LATENCY_PARTS

    def add(self, traffic: Traffic) -> None:
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + getattr(traffic, name))
        for part, count in enumerate(traffic.latency):
            self.latency[part] += count

    def as_traffic(self) -> Traffic:
        return Traffic.of((round(getattr(self, name)) for name in COUNTS), self.latency)


class Meter:
    """The counts of this process that are not written yet. May be called by any number of threads."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything. With a fresh lock: after a fork, the old one may be held by a thread that is gone."""
        self._lock = threading.Lock()
        self._counts: dict[Place, _Counting] = {}
        self._lost = 0

    def note(self, tenant_id: UUID, *, status: int, seconds: float) -> None:
        """A request was answered, and a thread was at it for so long."""
        milliseconds = seconds * 1000
        with self._lock:
            counting = self._of((tenant_id, _now()))
            if counting is None:
                return
            counting.requests += 1
            counting.busy_milliseconds += milliseconds
            counting.latency[bisect_left(BOUNDS_MILLISECONDS, milliseconds)] += 1
            name = _CLASSES.get(status // _HUNDRED)
            if name is not None:
                setattr(counting, name, getattr(counting, name) + 1)

    def note_throttled(self, tenant_id: UUID) -> None:
        """A request was turned away by the tenant's limits."""
        with self._lock:
            counting = self._of((tenant_id, _now()))
            if counting is not None:
                counting.throttled += 1

    def note_api_call(self, tenant_id: UUID) -> None:
        """A program's call was answered; the request itself is noted apart from that."""
        with self._lock:
            counting = self._of((tenant_id, _now()))
            if counting is not None:
                counting.api_calls += 1

    def note_mail(self, tenant_id: UUID) -> None:
        """A letter went out."""
        with self._lock:
            counting = self._of((tenant_id, _now()))
            if counting is not None:
                counting.mails += 1

    def take(self) -> tuple[Mapping[Place, Traffic], int]:
        """What was counted since the last time, which is forgotten here, and how many were not counted for want of room."""
        with self._lock:
            taken, self._counts = self._counts, {}
            lost, self._lost = self._lost, 0
        return {place: counting.as_traffic() for place, counting in taken.items()}, lost

    def put_back(self, counts: Mapping[Place, Traffic]) -> None:
        """Count what was taken and could not be written once more, as far as there is room."""
        with self._lock:
            for place, traffic in counts.items():
                counting = self._of(place)
                if counting is not None:
                    counting.add(traffic)

    def _of(self, place: Place) -> _Counting | None:
        counting = self._counts.get(place)
        if counting is None:
            if len(self._counts) >= MOST_PLACES:
                self._lost += 1
                return None
            counting = self._counts[place] = _Counting()
        return counting


def _now() -> int:
    seconds = int(clock.now().timestamp())
    return seconds - seconds % _BUCKET_SECONDS


meter: Final = Meter()
