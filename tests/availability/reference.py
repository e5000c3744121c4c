"""The slow reference: every minute of a range asked one by one, with datetimes and `zoneinfo` and nothing clever.

It shares no code with the engine: the rules are written down a second time, as literally as BOOKING's list has them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Taken:
    starts_at: datetime
    ends_at: datetime
    buffer_before: timedelta = timedelta(0)
    buffer_after: timedelta = timedelta(0)
    counts: bool = True
    is_of_another_service: bool = False


@dataclass(frozen=True)
class Dated:
    on_date: date
    is_open: bool
    starts_minute: int = 0
    ends_minute: int = 1440


@dataclass(frozen=True)
class Wanted:
    duration: int
    step: int = 15
    buffer_before: int = 0
    buffer_after: int = 0
    min_notice: int = 0
    horizon: int | None = None
    max_per_day: int | None = None
    max_per_week: int | None = None


@dataclass
class SlowProvider:
    zone: str
    weekly: list[tuple[int, int, int]]
    exceptions: list[Dated] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    blackouts: list[tuple[datetime, datetime]] = field(default_factory=list)

    def starts(self, wanted: Wanted, first: datetime, last: datetime, now: datetime) -> list[datetime]:
        clock = ZoneInfo(self.zone)
        found = []
        minute = first
        while minute < last:
            wall = minute.astimezone(clock)
            if (wall.hour * 60 + wall.minute) % wanted.step == 0 and self._is_free(wanted, minute, now, clock):
                found.append(minute)
            minute += MINUTE
        return found

    def _is_free(self, wanted: Wanted, starts_at: datetime, now: datetime, clock: ZoneInfo) -> bool:
        ends_at = starts_at + wanted.duration * MINUTE
        if starts_at < now + wanted.min_notice * MINUTE:
            return False
        if wanted.horizon is not None and starts_at > now + wanted.horizon * MINUTE:
            return False
        if not all(self._is_open((starts_at + n * MINUTE).astimezone(clock)) for n in range(wanted.duration)):
            return False
        if any(_overlap(starts_at, ends_at, *blackout) for blackout in self.blackouts):
            return False
        return not self._collides(wanted, starts_at, ends_at) and not self._is_full(wanted, starts_at, clock)

    def _is_open(self, wall: datetime) -> bool:
        minute, day = wall.hour * 60 + wall.minute, wall.date()
        rows = [row for row in self.exceptions if row.on_date == day]
        if any(not row.is_open and row.starts_minute <= minute < row.ends_minute for row in rows):
            return False
        opened = [(row.starts_minute, row.ends_minute) for row in rows if row.is_open]
        windows = opened or [(starts, ends) for weekday, starts, ends in self.weekly if weekday == day.weekday()]
        return any(starts <= minute < ends for starts, ends in windows)

    def _collides(self, wanted: Wanted, starts_at: datetime, ends_at: datetime) -> bool:
        reserved = starts_at - wanted.buffer_before * MINUTE, ends_at + wanted.buffer_after * MINUTE
        for other in self.taken:
            others_reserved = other.starts_at - other.buffer_before, other.ends_at + other.buffer_after
            if _overlap(*reserved, other.starts_at, other.ends_at) or _overlap(starts_at, ends_at, *others_reserved):
                return True
        return False

    def _is_full(self, wanted: Wanted, starts_at: datetime, clock: ZoneInfo) -> bool:
        day = starts_at.astimezone(clock).date()
        booked = [
            other.starts_at.astimezone(clock).date() for other in self.taken if other.counts and not other.is_of_another_service
        ]
        if wanted.max_per_day is not None and booked.count(day) >= wanted.max_per_day:
            return True
        this_week = sum(other.isocalendar()[:2] == day.isocalendar()[:2] for other in booked)
        return wanted.max_per_week is not None and this_week >= wanted.max_per_week


def transitions(zone: str, first: datetime, last: datetime, *, look_every: timedelta = timedelta(hours=6)) -> list[datetime]:
    """The minutes at which the zone's offset changes, found by looking."""
    clock, found, before = ZoneInfo(zone), [], first
    while before < last:
        after = before + look_every
        if before.astimezone(clock).utcoffset() != after.astimezone(clock).utcoffset():
            low, high = before, after
            while high - low > MINUTE:
                middle = low + (high - low) // 2 // MINUTE * MINUTE
                is_changed = middle.astimezone(clock).utcoffset() != before.astimezone(clock).utcoffset()
                low, high = (low, middle) if is_changed else (middle, high)
            found.append(high)
        before = after
    return found


def _overlap(starts: datetime, ends: datetime, other_starts: datetime, other_ends: datetime) -> bool:
    return starts < other_ends and other_starts < ends
