"""What a provider sets: weekly windows, and dates that differ from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from tenant_apps.availability.types.instants import MINUTES_A_DAY, weekday_of


class Window(NamedTuple):
    """Open hours on one day, in minutes of the wall clock, half-open."""

    starts_minute: int
    ends_minute: int


class WeeklyHours(NamedTuple):
    """One row of a provider's week: weekday 0 is Monday, minutes of the wall clock, half-open."""

    weekday: int
    starts_minute: int
    ends_minute: int


class HoursOfZone(NamedTuple):
    """The first and the last minute of a day at which somebody whose clock is that of `zone` (IANA) works."""

    zone: str
    starts_minute: int
    ends_minute: int


class HoursChange(NamedTuple):
    """A week before and after it was set. Setting `before` again undoes the change."""

    before: tuple[WeeklyHours, ...]
    after: tuple[WeeklyHours, ...]


class ExceptionKind(StrEnum):
    """What a dated exception does to its day."""

    OPEN = "open"
    CLOSED = "closed"


class DatedWindow(NamedTuple):
    """One row of a provider's exceptions: these minutes of this date are open, or closed."""

    on_date: date
    kind: ExceptionKind
    starts_minute: int = 0
    ends_minute: int = MINUTES_A_DAY


class RemovedException(NamedTuple):
    """A removed exception, as the arguments that `add_exception` needs to bring it back."""

    on_date: date
    kind: ExceptionKind
    starts_minute: int
    ends_minute: int
    note: str


class RemovedBlackout(NamedTuple):
    """A removed blackout, as the arguments that `add_blackout` needs to bring it back."""

    starts_at: datetime
    ends_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a provider has set: the zone, seven days of windows, and the dates that differ from them.

    `special` maps a day number to the windows of that date, already resolved; build it with `rules.build_schedule`.
    """

    zone: str
    weekly: tuple[tuple[Window, ...], ...]
    special: Mapping[int, tuple[Window, ...]] = field(default_factory=dict)

    def windows_on(self, day: int) -> tuple[Window, ...]:
        """The windows of one local date, in order."""
        found = self.special.get(day)
        return self.weekly[weekday_of(day)] if found is None else found


def as_windows(pairs: Iterable[tuple[int, int]]) -> tuple[Window, ...]:
    """Windows from pairs of minutes; refuses what no wall clock shows."""
    windows = tuple(Window(*pair) for pair in pairs)
    for window in windows:
        if not 0 <= window.starts_minute < window.ends_minute <= MINUTES_A_DAY:
            raise ValueError(f"not a window of one day: {window}")
    return windows
