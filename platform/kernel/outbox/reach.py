"""Keeps the books of each cluster that answers: one that is away holds up nobody on another."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Final

from django.db import OperationalError

from kernel import wiring
from kernel.breaker import Breaker

logger = logging.getLogger(__name__)

# So long a cluster that did not answer is left alone, by each process.
_AWAY_SECONDS: Final = 10.0
_breakers: Final[dict[str, Breaker]] = defaultdict(lambda: Breaker(_AWAY_SECONDS))


def on_reachable[T](alias: str, act: Callable[[], T]) -> T | None:
    """What `act` gives back on this cluster; None while it is away. Where there is no other one, that is the caller's error."""
    if len(wiring.clusters()) == 1:
        with wiring.on_cluster(alias):
            return act()
    if not _breakers[alias].may_try():
        return None
    try:
        with wiring.on_cluster(alias):
            found = act()
    except OperationalError:
        _breakers[alias].note_failure()
        logger.exception("outbox of a cluster not kept, it is away", extra={"cluster": alias})
        return None
    _breakers[alias].note_success()
    return found
