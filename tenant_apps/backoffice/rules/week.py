"""Lays a week of appointments out on the quarter hours of the calendar's grid."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tenant_apps.backoffice.types import Appointment, Block, DayColumn, WeekView

# What the stylesheet has classes for: 48 quarters of an hour from the top, and blocks of up to 24.
ROWS: Final = 48
LONGEST_BLOCK: Final = 24
_QUARTER: Final = 15
_HOURS_SHOWN: Final = ROWS * _QUARTER // 60
_USUAL_FIRST_HOUR: Final = 8
_QUARTERS_A_DAY: Final = 24 * 60 // _QUARTER
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

    Twelve hours are shown: those in which most of the week lies, by preference from eight o'clock. Nothing is dropped:
    what begins outside them is in `beyond`, and every day has the list of all its appointments.
    """
    first_hour = _best_first_hour(appointments, zone)
    days = [monday + timedelta(days=index) for index in range(_WEEK)]
    columns = [_column(day, appointments, first_hour, zone, today=today, days_off=days_off) for day in days]
    shown = {block.appointment for column in columns for block in column.blocks}
    return WeekView(
        monday=monday,
        zone=zone,
        hours=tuple(datetime.combine(monday, time(first_hour + index), tzinfo=ZoneInfo(zone)) for index in range(_HOURS_SHOWN)),
        days=tuple(columns),
        beyond=tuple(appointment for appointment in appointments if appointment not in shown),
        previous=monday - timedelta(days=_WEEK),
        following=monday + timedelta(days=_WEEK),
    )


def _best_first_hour(appointments: Iterable[Appointment], zone: str) -> int:
    hours = [appointment.starts_at.astimezone(ZoneInfo(zone)).hour for appointment in appointments]

    def merit(first: int) -> tuple[int, int]:
        return sum(first <= hour < first + _HOURS_SHOWN for hour in hours), -abs(first - _USUAL_FIRST_HOUR)

    return max(range(24 - _HOURS_SHOWN + 1), key=merit)


def _column(
    day: date, appointments: Sequence[Appointment], first_hour: int, zone: str, *, today: date, days_off: Collection[int]
) -> DayColumn:
    here = [appointment for appointment in appointments if _quarters_on(day, appointment, zone) is not None]
    return DayColumn(
        on_date=day,
        is_today=day == today,
        is_off=day.weekday() in days_off,
        blocks=tuple(block for appointment in here for block in _blocks(day, appointment, first_hour, zone)),
        appointments=tuple(here),
    )


def _quarters_on(day: date, appointment: Appointment, zone: str) -> tuple[int, int] | None:
    """First and last-but-one quarter of the wall clock that it takes on this day; None on other days."""
    start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (appointment.starts_at, appointment.ends_at))
    if not start.date() <= day <= end.date():
        return None
    first = _quarter(start) if start.date() == day else 0
    last = -(-_minute(end) // _QUARTER) if end.date() == day else _QUARTERS_A_DAY
    # An hour that the clocks repeat may end before it began; it is shown all the same. One that ended at midnight is not here.
    return None if end.date() == day and last == 0 else (first, max(last, first + 1))


def _blocks(day: date, appointment: Appointment, first_hour: int, zone: str) -> Iterator[Block]:
    quarters = _quarters_on(day, appointment, zone)
    assert quarters is not None  # asked for this day's appointments only
    top = first_hour * 60 // _QUARTER
    row, end = max(0, quarters[0] - top), min(ROWS, quarters[1] - top)
    is_first = True
    while row < end:
        length = min(LONGEST_BLOCK, end - row)
        yield Block(appointment, row, length, is_first=is_first)
        row, is_first = row + length, False


def _quarter(moment: datetime) -> int:
    return _minute(moment) // _QUARTER


def _minute(moment: datetime) -> int:
    return moment.hour * 60 + moment.minute
