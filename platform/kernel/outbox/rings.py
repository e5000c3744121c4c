"""How often one message is rung for: while no worker runs, each sweep would put another bell into the broker."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

_FIRST_PAUSE: Final = timedelta(seconds=4)
# Shorter than a bell lives (config.celery.BELL_SECONDS), so that workers who come back find one that still counts.
_LONGEST_PAUSE: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _Rung:
    next_at: datetime
    pause: timedelta


class Rings:
    """Which messages this process has rung for, and when it does so again: after 4 seconds, 8, 16, then each half minute."""

    def __init__(self) -> None:
        self._rung: dict[UUID, _Rung] = {}
        self._lock = threading.Lock()

    def choose(self, overdue: Iterable[UUID], *, now: datetime) -> tuple[UUID, ...]:
        """Those of `overdue` whose bell is due, in their order; they count as rung. What is no longer overdue is forgotten."""
        with self._lock:
            before = self._rung
            self._rung = {message: self._after(before.get(message), now) for message in overdue}
            return tuple(message for message, rung in self._rung.items() if rung is not before.get(message))

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._rung.clear()

    @staticmethod
    def _after(before: _Rung | None, now: datetime) -> _Rung:
        if before is None:
            return _Rung(now + _FIRST_PAUSE, _FIRST_PAUSE)
        if now < before.next_at:
            return before
        pause = min(before.pause * 2, _LONGEST_PAUSE)
        return _Rung(now + pause, pause)
