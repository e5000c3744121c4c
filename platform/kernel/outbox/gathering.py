"""Bells of work that may wait a moment: the first rings at once, and then one for all that comes within that moment.

A bell costs its sender and its worker more than many a job. Whoever's bell is not rung is answered by the one that follows,
after the commit that it is for, so no work is left lying; should the process die before, the sweep rings, as ever.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Final

from kernel import wiring

type Later = Callable[[float, Callable[[], None]], None]


def _in_a_thread(seconds: float, act: Callable[[], None]) -> None:
    # Not a daemon: a process that ends in order waits for the bell.
    threading.Timer(seconds, act).start()


class Gathering:
    """The bells of one process. `later(seconds, act)` does something in a while."""

    def __init__(self, *, later: Later = _in_a_thread, now: Callable[[], float] = time.monotonic) -> None:
        self._later, self._now = later, now
        self.forget()

    def forget(self) -> None:
        """Begin anew, as a forked child must: what its parent was about to ring for is the parent's."""
        self._lock = threading.Lock()
        self._quiet_until: dict[int, float] = {}
        self._coming: set[int] = set()

    def ring(self, shard: int, *, moment_seconds: float) -> None:
        """Ring for `shard` now, or, where it was rung for within the moment, once at its end."""
        with self._lock:
            if shard in self._coming:
                return
            wait = self._quiet_until.get(shard, 0.0) - self._now()
            if wait > 0:
                self._coming.add(shard)
            else:
                self._quiet_until[shard] = self._now() + moment_seconds
        if wait <= 0:
            wiring.ring_doorbell([], shard=shard)
            return
        try:
            self._later(wait, lambda: self._ring_at_last(shard, moment_seconds))
        except RuntimeError:
            # No thread is to be had, as when the process ends.
            self._ring_at_last(shard, moment_seconds)

    def _ring_at_last(self, shard: int, moment_seconds: float) -> None:
        with self._lock:
            # Before the bell: whoever commits from here on asks for one of their own.
            self._coming.discard(shard)
            self._quiet_until[shard] = self._now() + moment_seconds
        wiring.ring_doorbell([], shard=shard)


gathering: Final = Gathering()
os.register_at_fork(after_in_child=gathering.forget)
