"""Ends the process of a handler that never ends: its lease has run out, and the next worker has its message by now.

PostgreSQL and the sweep do the rest, as for any worker that dies: the message is taken back, and after the third time it is a
dead letter. Only where it is switched on: a process with many threads, or a person's command, must not be ended like this.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# For a handler that is a little late, whose writes under guard are refused anyway.
MARGIN_SECONDS: Final = 5.0


class _Switch:
    is_on = False


_switch: Final = _Switch()


def watch_this_process() -> None:
    """From now on handlers in this process are watched. For a worker's child that does one thing at a time."""
    # The kernel's own answer ends the process even where Python no longer gets to run a handler of ours.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _switch.is_on = True


@contextmanager
def watched(lease_seconds: float) -> Iterator[None]:
    """End this process if the block takes longer than the lease and a margin, where handlers are watched."""
    if not _switch.is_on or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, lease_seconds + MARGIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
