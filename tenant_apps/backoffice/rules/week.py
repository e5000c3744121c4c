"""Lays days of appointments out on the quarter hours of the calendar's grid."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tenant_apps.backoffice.rules.lanes import Span, fold_crowds
from tenant_apps.backoffice.types import Appointment, Block, DayColumn, Fold, WeekView

# What the stylesheet has classes for: 96 quarters of an hour, and blocks of up to 48.
LONGEST_BLOCK: Final = 48
_QUARTER: Final = 15
_QUARTERS_AN_HOUR: Final = 4
_QUARTERS_A_DAY: Final = 24 * _QUARTERS_AN_HOUR
_MINUTES_AN_HOUR: Final = 60
_USUAL_HOURS: Final = (8 * _MINUTES_AN_HOUR, 19 * _MINUTES_AN_HOUR)
_WEEK: Final = 7


def lay_out_week(
    appointments: Sequence[Appointment],
    *,
    monday: date,
    zone: str,
    today: date,
    days_off: Collection[int] = (),
    working: tuple[int, int] | None = None,
) -> WeekView:
    """The week from `monday` on the clock of `zone`, in columns that stay wide enough: crowds are folded.

    `days_off` are weekdays (0 is Monday) to shade. The hours are those that somebody is `working` (the first and the last
    minute of the week's days; a usual day's where nobody has told), and as many more as the appointments need.
    """
    days = [monday + timedelta(days=index) for index in range(_WEEK)]
    taken = [_spans_on(day, appointments, zone) for day in days]
    hours = _hours_for([span for here in taken for span in here], working)
    columns = []
    for day, here in zip(days, taken, strict=True):
        shown, folded = fold_crowds(here)
        blocks = [block for span, lane in shown for block in _blocks(span, hours.start, lane)]
        folds = [_fold(crowd, hours.start) for crowd in folded]
        columns.append(_column(day, here, blocks, folds, is_today=day == today, is_off=day.weekday() in days_off))
    return WeekView(zone=zone, hours=_labels(monday, hours, zone), days=tuple(columns))


def lay_out_day(
    appointments: Sequence[Appointment],
    *,
    day: date,
    zone: str,
    today: date,
    days_off: Collection[int] = (),
    working: tuple[int, int] | None = None,
) -> WeekView:
    """One day with everything that happens on it side by side, however much it is. Otherwise as `lay_out_week`."""
    here = _spans_on(day, appointments, zone)
    hours = _hours_for(here, working)
    blocks = [block for span in here for block in _blocks(span, hours.start, "")]
    column = _column(day, here, blocks, [], is_today=day == today, is_off=day.weekday() in days_off)
    return WeekView(zone=zone, hours=_labels(day, hours, zone), days=(column,))


def _column(
    day: date, here: Sequence[Span], blocks: Iterable[Block], folds: Iterable[Fold], *, is_today: bool, is_off: bool
) -> DayColumn:
    return DayColumn(
        on_date=day,
        is_today=is_today,
        is_off=is_off,
        blocks=tuple(blocks),
        folds=tuple(folds),
        appointments=tuple(span.appointment for span in here),
    )


def _labels(day: date, hours: range, zone: str) -> tuple[datetime, ...]:
    return tuple(datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone)) for hour in hours)


def _hours_for(taken: Iterable[Span], working: tuple[int, int] | None) -> range:
    begin, end = working or _USUAL_HOURS
    first, last = begin // _MINUTES_AN_HOUR, -(-end // _MINUTES_AN_HOUR)
    for span in taken:
        first, last = min(first, span.start // _QUARTERS_AN_HOUR), max(last, -(-span.end // _QUARTERS_AN_HOUR))
    return range(first, last)


def _spans_on(day: date, appointments: Iterable[Appointment], zone: str) -> list[Span]:
    found = ((each, _quarters_on(day, each, zone)) for each in appointments)
    return [Span(each, *quarters) for each, quarters in found if quarters is not None]


def _quarters_on(day: date, appointment: Appointment, zone: str) -> tuple[int, int] | None:
    """First and last-but-one quarter of the wall clock that it takes on this day; None on other days."""
    start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (appointment.starts_at, appointment.ends_at))
    if not start.date() <= day <= end.date():
        return None
    first = _quarter(start) if start.date() == day else 0
    last = -(-_minute(end) // _QUARTER) if end.date() == day else _QUARTERS_A_DAY
    # An hour that the clocks repeat may end before it began; it is shown all the same. One that ended at midnight is not here.
    return None if end.date() == day and last == 0 else (first, max(last, first + 1))


def _blocks(span: Span, first_hour: int, lane: str) -> Iterator[Block]:
    top = first_hour * _QUARTERS_AN_HOUR
    row, end = span.start - top, span.end - top
    is_first = True
    while row < end:
        length = min(LONGEST_BLOCK, end - row)
        yield Block(span.appointment, row, length, is_first=is_first, lane=lane)
        row, is_first = row + length, False


def _fold(crowd: Sequence[Span], first_hour: int) -> Fold:
    start, end = min(span.start for span in crowd), max(span.end for span in crowd)
    return Fold(start - first_hour * _QUARTERS_AN_HOUR, min(LONGEST_BLOCK, end - start), len(crowd))


def _quarter(moment: datetime) -> int:
    return _minute(moment) // _QUARTER


def _minute(moment: datetime) -> int:
    return moment.hour * _MINUTES_AN_HOUR + moment.minute
