"""Lays a week of appointments out on the quarter hours of the calendar's grid."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tenant_apps.backoffice.types import Appointment, Block, DayColumn, WeekView

# What the stylesheet has classes for: 96 quarters of an hour, and blocks of up to 48.
LONGEST_BLOCK: Final = 48
_QUARTER: Final = 15
_QUARTERS_AN_HOUR: Final = 4
_QUARTERS_A_DAY: Final = 24 * _QUARTERS_AN_HOUR
_USUAL_FIRST_HOUR: Final = 8
_USUAL_LAST_HOUR: Final = 19
_WEEK: Final = 7


def lay_out_week(
    appointments: Sequence[Appointment],
    *,
    monday: date,
    zone: str,
    today: date,
    days_off: Collection[int] = (),
) -> WeekView:
    """The week from `monday` on the clock of `zone`. `days_off` are weekdays (0 is Monday) to shade.

    The hours are those of a working day, and as many more as the week's appointments need.
    """
    days = [monday + timedelta(days=index) for index in range(_WEEK)]
    by_day = [[(each, quarters) for each in appointments if (quarters := _quarters_on(day, each, zone))] for day in days]
    hours = _hours_for([quarters for here in by_day for _each, quarters in here])
    return WeekView(
        monday=monday,
        zone=zone,
        hours=tuple(datetime.combine(monday, time(hour), tzinfo=ZoneInfo(zone)) for hour in hours),
        days=tuple(
            DayColumn(
                on_date=day,
                is_today=day == today,
                is_off=day.weekday() in days_off,
                blocks=tuple(block for each, quarters in here for block in _blocks(each, quarters, hours.start)),
                appointments=tuple(each for each, _quarters in here),
            )
            for day, here in zip(days, by_day, strict=True)
        ),
        previous=monday - timedelta(days=_WEEK),
        following=monday + timedelta(days=_WEEK),
    )


def _hours_for(taken: Iterable[tuple[int, int]]) -> range:
    first, last = _USUAL_FIRST_HOUR, _USUAL_LAST_HOUR
    for starts, ends in taken:
        first, last = min(first, starts // _QUARTERS_AN_HOUR), max(last, -(-ends // _QUARTERS_AN_HOUR))
    return range(first, last)


def _quarters_on(day: date, appointment: Appointment, zone: str) -> tuple[int, int] | None:
    """First and last-but-one quarter of the wall clock that it takes on this day; None on other days."""
    start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (appointment.starts_at, appointment.ends_at))
    if not start.date() <= day <= end.date():
        return None
    first = _quarter(start) if start.date() == day else 0
    last = -(-_minute(end) // _QUARTER) if end.date() == day else _QUARTERS_A_DAY
    # An hour that the clocks repeat may end before it began; it is shown all the same. One that ended at midnight is not here.
    return None if end.date() == day and last == 0 else (first, max(last, first + 1))


def _blocks(appointment: Appointment, quarters: tuple[int, int], first_hour: int) -> Iterator[Block]:
    top = first_hour * _QUARTERS_AN_HOUR
    row, end = quarters[0] - top, quarters[1] - top
    is_first = True
    while row < end:
        length = min(LONGEST_BLOCK, end - row)
        yield Block(appointment, row, length, is_first=is_first)
        row, is_first = row + length, False


def _quarter(moment: datetime) -> int:
    return _minute(moment) // _QUARTER


def _minute(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute
