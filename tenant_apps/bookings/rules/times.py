"""The times of a booking: what is shown, what is kept free around it, and what the clock on the wall said."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kernel.intervals import Interval
from tenant_apps.bookings.types import BookedTimes


def booked_times(
    *,
    starts_at: datetime,
    duration: timedelta,
    buffer_before: timedelta = timedelta(),
    buffer_after: timedelta = timedelta(),
) -> BookedTimes:
    """The ranges of a booking that starts at `starts_at` and lasts `duration` of real time, clock changes included."""
    shown = Interval(starts_at, starts_at + duration)
    return BookedTimes(
        shown=shown,
        time_and_after=Interval(shown.start, shown.end + buffer_after),
        before_and_time=Interval(shown.start - buffer_before, shown.end),
    )


def local_text(moment: datetime, zone: str) -> str:
    """The wall clock of `zone` at `moment`, to the minute: `2026-11-13T16:30`."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
