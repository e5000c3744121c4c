"""Instants and local days as integers, so that a month of slots costs less than a millisecond."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

MINUTE = 60
MINUTES_A_DAY = 1440
DAY = 86_400
WEEK_DAYS = 7

type Instant = int
"""Whole seconds since 1970-01-01T00:00Z."""

type Stretch = tuple[Instant, Instant]
"""A half-open stretch of instants, `[starts, ends)`."""

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def instant_of(moment: datetime) -> Instant:
    """The first whole second that is not before `moment`, so that no notice is ever undercut by a fraction."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs an aware datetime: a naive one would be read in the machine's zone")
    return math.ceil(moment.timestamp())


def moment_of(instant: Instant) -> datetime:
    """The same instant as an aware UTC datetime."""
    return datetime.fromtimestamp(instant, UTC)


def day_number(on_date: date) -> int:
    """Days since 1970-01-01, the engine's form of a local date."""
    return on_date.toordinal() - _EPOCH_ORDINAL


def date_of(day: int) -> date:
    """The local date of a day number."""
    return date.fromordinal(day + _EPOCH_ORDINAL)


def weekday_of(day: int) -> int:
    """0 for Monday to 6 for Sunday. The first day of 1970 was a Thursday."""
    return (day + 3) % WEEK_DAYS


def week_of(day: int) -> int:
    """A number that is the same from Monday to Sunday (ISO 8601 weeks)."""
    return (day + 3) // WEEK_DAYS
