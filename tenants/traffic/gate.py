"""Turns away what a tenant asks beyond its plan, in the memory of this process: no request waits for Redis or PostgreSQL."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Hashable
from typing import Final

from django.conf import settings

from tenants.limits import RequestLimits

# Whoever finds everybody busy: answers take fractions of a second, and clients can be told whole ones only.
_WHILE_BUSY_SECONDS: Final = 1.0
# Of sums of fractions; far below anything that a clock or a limit can tell.
_ROUNDING_SECONDS: Final = 1e-6


class _Share:
    """How far in the future the next request would be, had all come evenly; and how many are being answered."""

    __slots__ = ("even_at", "in_flight")

    def __init__(self) -> None:
        self.even_at = 0.0
        self.in_flight = 0


class Gate:
    """One share for each tenant and kind of page. May be called by any number of threads.

    The rate is GCRA's (ITU-T I.371): what came is remembered as one instant, so there is nothing to refill or to expire.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything. With a fresh lock: after a fork, the old one may be held by a thread that is gone."""
        self._lock = threading.Lock()
        self._shares: dict[Hashable, _Share] = {}

    def enter(self, key: Hashable, limits: RequestLimits) -> float | None:
        """None for who is let in, who has to `leave` again; for others, in how many seconds they should come back."""
        now = time.monotonic()
        with self._lock:
            share = self._shares.get(key)
            if share is None:
                share = self._shares[key] = _Share()
            if limits.at_once and share.in_flight >= limits.at_once:
                return _WHILE_BUSY_SECONDS
            if limits.per_second:
                step = settings.WEB_PROCESSES / limits.per_second
                even_at = max(share.even_at, now) + step
                # A process that is one of many still lets one in by itself.
                early = even_at - now - max(limits.burst / settings.WEB_PROCESSES, 1) * step
                if early > _ROUNDING_SECONDS:
                    return early
                share.even_at = even_at
            share.in_flight += 1
            return None

    def leave(self, key: Hashable) -> None:
        """The answer to somebody who was let in is out."""
        with self._lock:
            self._shares[key].in_flight -= 1


gate: Final = Gate()
os.register_at_fork(after_in_child=gate.reset)
