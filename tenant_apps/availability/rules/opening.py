"""From wall-clock windows to the instants at which a provider is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from tenant_apps.availability.rules.stretches import merge, subtract
from tenant_apps.availability.rules.zones import Span
from tenant_apps.availability.types import (
    DAY,
    MINUTE,
    WEEK_DAYS,
    DatedWindow,
    ExceptionKind,
    Schedule,
    Stretch,
    Window,
    as_windows,
    day_number,
    weekday_of,
)


def build_schedule(
    zone: str,
    weekly: Iterable[tuple[int, int, int]],
    exceptions: Iterable[DatedWindow] = (),
) -> Schedule:
    """A schedule from rows of (weekday, starts_minute, ends_minute) and of dated windows.

    A date with open exceptions has their windows instead of the weekly ones; closed minutes are then taken out, so a
    closure wins on its date. Windows that touch or overlap are one. Raises ValueError for a row no wall clock shows.
    """
    by_weekday: dict[int, list[Window]] = defaultdict(list)
    for weekday, starts_minute, ends_minute in weekly:
        by_weekday[weekday] += as_windows([(starts_minute, ends_minute)])
    if not set(by_weekday) <= set(range(WEEK_DAYS)):
        raise ValueError("weekdays go from 0, Monday, to 6, Sunday")
    days = tuple(_tidy(by_weekday[weekday]) for weekday in range(WEEK_DAYS))
    by_date: dict[date, list[DatedWindow]] = defaultdict(list)
    for row in exceptions:
        by_date[row.on_date].append(row)
    special = {day: _resolve(days[weekday_of(day)], rows) for rows in by_date.values() for day in [day_number(rows[0].on_date)]}
    return Schedule(zone, days, special)


def open_stretches(schedule: Schedule, spans: Sequence[Span]) -> list[Stretch]:
    """The stretches of instants within `spans` at which the wall clock stands in a window, merged.

    Asking span by span settles every transition: a skipped hour lies in no span's wall time, so it yields nothing; a
    repeated hour lies in that of two spans, so it yields both passes; a window across the change is whole again after
    merging, an hour shorter or longer than it looks.
    """
    found: list[Stretch] = []
    for span in spans:
        wall_starts, wall_ends = span.starts + span.offset, span.ends + span.offset
        for day in range(wall_starts // DAY, (wall_ends - 1) // DAY + 1):
            midnight = day * DAY
            for starts_minute, ends_minute in schedule.windows_on(day):
                starts = max(midnight + starts_minute * MINUTE, wall_starts)
                ends = min(midnight + ends_minute * MINUTE, wall_ends)
                if starts < ends:
                    found.append((starts - span.offset, ends - span.offset))
    return merge(found)


def _resolve(weekly: tuple[Window, ...], rows: Iterable[DatedWindow]) -> tuple[Window, ...]:
    opened: list[tuple[int, int]] = []
    closed: list[tuple[int, int]] = []
    for row in rows:
        target = opened if row.kind is ExceptionKind.OPEN else closed
        target += as_windows([(row.starts_minute, row.ends_minute)])
    return as_windows(subtract(merge(opened or weekly), merge(closed)))


def _tidy(windows: Iterable[Window]) -> tuple[Window, ...]:
    return as_windows(merge(windows))
