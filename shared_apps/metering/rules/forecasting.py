"""How much will have been used at the end of a month: what was, and the days that come as days like them were."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Final

from shared_apps.metering.rules.months import days_of
from shared_apps.metering.types import Basis, Forecast

HISTORY: Final = 28
"""So many days before today say what comes: four of each weekday."""

_ENOUGH: Final = 14
_DAY: Final = timedelta(days=1)
_WEEK: Final = 7


def forecast(
    used: int, days: Mapping[date, int], *, month: date, today: date, left_of_today: Fraction, began_on: date, is_peak: bool
) -> Forecast:
    """What `used` will have grown to when `month` is over.

    `days` has what each day before today added; those left out added nothing. `began_on` is the first that was counted.
    Each day to come brings what the same weekday brought on average in the last four weeks, today as much of it as is left of
    the day. With less than two weeks of days each brings the average of all of them. Rounded up, and never less than `used`.
    """
    if is_peak:
        return Forecast(used, Basis.STANDS)
    first = max(began_on, today - HISTORY * _DAY)
    history = [first + number * _DAY for number in range((today - first).days)]
    if not history:
        return Forecast(used, Basis.STANDS)
    by_weekday = len(history) >= _ENOUGH
    to_come = [(day, left_of_today if day == today else Fraction(1)) for day in days_of(month) if day >= today]
    if by_weekday:
        means = {number: _mean(days, [day for day in history if day.weekday() == number]) for number in range(_WEEK)}
        more = sum((means[day.weekday()] * share for day, share in to_come), Fraction(0))
    else:
        more = _mean(days, history) * sum((share for _day, share in to_come), Fraction(0))
    return Forecast(max(used, used + ceil(more)), Basis.WEEKDAYS if by_weekday else Basis.EVENLY)


def _mean(days: Mapping[date, int], some: list[date]) -> Fraction:
    return Fraction(sum(days.get(day, 0) for day in some), len(some))
