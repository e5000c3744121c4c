"""Remembers for the whole process that a server did not answer, so that not every caller waits for it anew."""

from __future__ import annotations

import threading
import time


class Breaker:
    """After a failure nobody tries for `pause_seconds`; then one caller tries for all, and the answer decides.

    For what can be lost or done later. All of it may be called from several threads.
    """

    def __init__(self, pause_seconds: float) -> None:
        self._pause_seconds = pause_seconds
        self._lock = threading.Lock()
        self._is_broken = False
        self._next_try = 0.0

    @property
    def is_pausing(self) -> bool:
        """Whether the server did not answer just now, and nobody but one caller asks it before the pause is over."""
        with self._lock:
            return self._is_broken and time.monotonic() < self._next_try

    def may_try(self) -> bool:
        """Whether the caller should ask the server. While it is broken, True for one caller in each pause."""
        if not self._is_broken:
            return True
        with self._lock:
            moment = time.monotonic()
            if moment < self._next_try:
                return False
            self._next_try = moment + self._pause_seconds
            return True

    def note_failure(self) -> bool:
        """The server did not answer. True when this is news."""
        with self._lock:
            is_news = not self._is_broken
            self._is_broken = True
            self._next_try = time.monotonic() + self._pause_seconds
            return is_news

    def note_success(self) -> None:
        """The server answered: everybody may ask again."""
        self._is_broken = False
