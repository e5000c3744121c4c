"""A week of opening hours between the form, the engine and a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import time
from itertools import groupby
from typing import Final

from django.utils.translation import gettext as _

from tenant_apps.availability.types import MINUTES_A_DAY, WEEK_DAYS, WeeklyHours
from webui.forms import WeeklyHours as FormHours

_MINUTES_AN_HOUR: Final = 60
type DayName = Callable[[int], str]
type ClockText = Callable[[int], str]


def read_windows(hours: FormHours) -> list[tuple[int, int, int]]:
    """What the form cleaned, as the engine's rows; midnight as an end is 24:00."""
    return [(day, _minute(start), _minute(end) or MINUTES_A_DAY) for day, windows in hours.items() for start, end in windows]


def write_windows(rows: Iterable[WeeklyHours]) -> FormHours:
    """The engine's rows as the form shows them."""
    shown: dict[int, list[tuple[time, time]]] = {}
    for row in rows:
        shown.setdefault(row.weekday, []).append((_time(row.starts_minute), _time(row.ends_minute)))
    return {day: tuple(windows) for day, windows in shown.items()}


def hours_sentence(rows: Sequence[WeeklyHours], *, day_name: DayName, clock: ClockText) -> str:
    """The week in short, such as “Mon–Fri 09:00–17:00; Sat 10:00–14:00.”; neighbouring days of equal hours are one."""
    by_day = [tuple(row[1:] for row in rows if row.weekday == day) for day in range(WEEK_DAYS)]
    if not any(by_day):
        return _("No hours yet: nobody can book.")
    parts = []
    for windows, run in groupby(range(WEEK_DAYS), key=lambda day: by_day[day]):
        days = list(run)
        if windows:
            parts.append(f"{_days(days, day_name)} {', '.join(f'{clock(start)}–{clock(end)}' for start, end in windows)}")
    # “4 p.m.” ends a sentence by itself.
    return "; ".join(parts).removesuffix(".") + "."


def _days(days: Sequence[int], day_name: DayName) -> str:
    return day_name(days[0]) if len(days) == 1 else f"{day_name(days[0])}–{day_name(days[-1])}"


def _minute(moment: time) -> int:
    return moment.hour * _MINUTES_AN_HOUR + moment.minute


def _time(minute: int) -> time:
    # A time field knows no 24:00.
    return time(minute % MINUTES_A_DAY // _MINUTES_AN_HOUR, minute % _MINUTES_AN_HOUR)
