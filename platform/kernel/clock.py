"""The only place that asks what time it is, so that everything else can be told."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def epoch_milliseconds() -> int:
    """Whole milliseconds since 1970-01-01 UTC: from integers, since a float of seconds loses the last ones."""
    return time.time_ns() // 1_000_000
