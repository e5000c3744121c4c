"""How a change of tables in use waits for locks: briefly, and again later (R17)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import structlog
from django.db import OperationalError

# Whoever waits for a lock makes all others wait behind: two seconds at most, then another try later.
LOCK_SECONDS: Final = 2
_TRIES: Final = 8
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 10.0
_TAKEN: Final = frozenset({"55P03", "40P01"})

log = structlog.get_logger(__name__)


def patiently(act: Callable[[], None], *, pause: Callable[[float], None] = time.sleep) -> None:
    """Call `act` until no lock is in its way, a good half minute in all. It must go on where it left off.

    Raises:
        OperationalError: another error, or a lock at the last try.
    """
    for number in range(_TRIES):
        try:
            act()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in _TAKEN or number == _TRIES - 1:
                raise
            log.warning("a lock is taken, tried again", error=str(error), tries=number + 1)
            pause(min(_FIRST_PAUSE * 2**number, _LONGEST_PAUSE))
        else:
            return
