"""The thread that writes what a process has counted, every few seconds and a last time when the process ends."""

from __future__ import annotations

import atexit
import os
import threading
from typing import Final

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from tenants.traffic.meter import Meter, meter
from tenants.traffic.slow import SlowMeter, slow_meter
from tenants.traffic.slow_writing import write_slow
from tenants.traffic.writing import Writer

# A process that ends must not wait for a database that is away.
_LAST_FLUSH_SECONDS: Final = 3.0

log = structlog.get_logger(__name__)


class Flusher:
    """One thread in each process that counts, begun with the first count: after a fork there is none, and no connection."""

    def __init__(self, counted: Meter, slow: SlowMeter) -> None:
        self._meter = counted
        self._slow = slow
        self.reset()

    def reset(self) -> None:
        """As in a process that has not counted yet. What the parent had counted is the parent's to write."""
        self._meter.reset()
        self._slow.reset()
        self._writer = Writer()
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()
        self._starting = threading.Lock()
        self._is_away = False

    def ensure_running(self) -> None:
        """Begin, unless it has; where TRAFFIC_FLUSH_SECONDS is 0, nothing is written by itself."""
        if self._thread is not None or not settings.TRAFFIC_FLUSH_SECONDS:
            return
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="traffic", daemon=True)
                self._thread.start()

    def end(self) -> None:
        """Flush a last time and stop."""
        if self._thread is not None:
            self._ending.set()
            self._thread.join(_LAST_FLUSH_SECONDS)

    def flush(self) -> None:
        """Write what was counted. Where the database is away, it is kept and comes with the next flush."""
        try:
            self._meter.put_back(self._writer.settle())
            self._write()
            self._write_slow()
        except DatabaseError as error:
            if not self._is_away:
                log.warning("traffic_not_written", error=str(error))
            self._is_away = True
        else:
            self._is_away = False

    def _write(self) -> None:
        counts, lost = self._meter.take()
        if lost:
            log.warning("traffic_lost", requests=lost)
        if not counts:
            return
        try:
            self._writer.write(counts)
        except DatabaseError:
            self._meter.put_back(counts)
            raise

    def _write_slow(self) -> None:
        seen = self._slow.take()
        if not seen:
            return
        try:
            write_slow(seen)
        except DatabaseError:
            self._slow.put_back(seen)
            raise

    def _run(self) -> None:
        while not self._ending.wait(settings.TRAFFIC_FLUSH_SECONDS):
            self._flush_whatever_happens()
        self._flush_whatever_happens()
        connection.close()

    def _flush_whatever_happens(self) -> None:
        try:
            self.flush()
            connection.close_if_unusable_or_obsolete()
        except Exception:  # or nothing would be counted until the process is started again
            log.exception("traffic_flush")


flusher: Final = Flusher(meter, slow_meter)
slow_meter.when_noted = flusher.ensure_running
os.register_at_fork(after_in_child=flusher.reset)
atexit.register(flusher.end)
