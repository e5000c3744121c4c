"""Days and weeks on the clock of a zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

from kernel.intervals import Interval

_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2100
_NOON: Final = 12
_EVENING: Final = 18


class Greeting(Enum):
    """The part of the day that a greeting names."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


def greeting_at(moment: datetime, zone: str) -> Greeting:
    """How one greets somebody at this hour of their day."""
    hour = moment.astimezone(ZoneInfo(zone)).hour
    if hour < _NOON:
        return Greeting.MORNING
    return Greeting.AFTERNOON if hour < _EVENING else Greeting.EVENING


def monday_of(day: date) -> date:
    """The Monday of the week that `day` is in."""
    return day - timedelta(days=day.weekday())


def read_monday(text: str, *, today: date) -> date:
    """The Monday of the week that a link names by any of its days; this week's for a text that is no sensible date."""
    return monday_of(read_day(text) or today)


def read_day(text: str) -> date | None:
    """The day that a link names; None for a text that is no sensible date."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def span_of_days(first: date, count: int, zone: str) -> Interval:
    """`count` days from midnight of `first` on the clock of `zone`."""
    return Interval(_midnight(first, zone), _midnight(first + timedelta(days=count), zone))


def day_span(day: date, zone: str) -> Interval:
    """One day, which is 23 or 25 hours long where the clocks change."""
    return span_of_days(day, 1, zone)


def days_left(until: datetime | None, now: datetime) -> int:
    """How many days are left, a begun one counted as one; none where there is no end, or it is past."""
    return 0 if until is None else max(0, ceil((until - now) / timedelta(days=1)))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
