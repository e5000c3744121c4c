"""Figures of money by month as charts: what is drawn, and the words beside the lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from babel.dates import format_date
from babel.numbers import format_compact_decimal
from django.conf import settings
from django.utils.functional import Promise

from kernel.money import Money, currency_exponent, format_money
from themes.engine.art.bars import Bar, BarPart, bar_scale
from themes.engine.art.charts import ChartPoint, scale_values

type Text = str | Promise
_COMPACT_FROM: Final = 10_000


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of a chart of bars, from 1 to 6, and what it stands for."""

    colour: int
    label: Text


@dataclass(frozen=True, slots=True)
class BarPicture:
    """A chart of bars with its legend, or nothing where all is zero."""

    bars: Sequence[Bar]
    axis: Sequence[str]
    legend: Sequence[Series]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see."""
        return not any(part.value for bar in self.bars for part in bar.parts)


@dataclass(frozen=True, slots=True)
class AreaPicture:
    """A line through months."""

    points: Sequence[ChartPoint]
    axis: Sequence[str]


def month_words(month: date) -> str:
    """A month as it stands in tables: “Nov 2026”."""
    return _written(month, "MMM yyyy")


def money_words(amount_minor: int, currency: str) -> str:
    """An amount as the operator reads it."""
    return format_money(Money(amount_minor, currency), settings.CONSOLE_LOCALE)


def money_bars(series: Sequence[Series], months: Mapping[date, Sequence[int]], *, currency: str) -> BarPicture:
    """A bar for each month, of so many minor units of each of the series."""
    return _bars(series, months, lambda amount: (units(amount, currency), money_words(amount, currency)))


def count_bars(series: Sequence[Series], months: Mapping[date, Sequence[int]]) -> BarPicture:
    """A bar for each month, of counts."""
    return _bars(series, months, lambda number: (float(number), str(number)))


def money_line(months: Mapping[date, int], *, currency: str) -> AreaPicture:
    """A point for each month's minor units."""
    points = [
        ChartPoint(_label(month), units(amount, currency), f"{month_words(month)}: {money_words(amount, currency)}")
        for month, amount in months.items()
    ]
    return AreaPicture(points, _axis(scale_values(points)))


def _bars(
    series: Sequence[Series], months: Mapping[date, Sequence[int]], drawn: Callable[[int], tuple[float, str]]
) -> BarPicture:
    bars = []
    for month, figures in months.items():
        parts = []
        for one, figure in zip(series, figures, strict=True):
            height, words = drawn(figure)
            parts.append(BarPart(one.colour, height, f"{month_words(month)}, {one.label}: {words}"))
        bars.append(Bar(_label(month), parts))
    return BarPicture(bars, _axis(bar_scale(bars)), series)


def _label(month: date) -> str:
    """A month below a chart: the year stands at its first month only, for want of room."""
    return _written(month, "MMM yyyy" if month.month == 1 else "MMM")


def _written(month: date, pattern: str) -> str:
    return format_date(month, pattern, locale=settings.CONSOLE_LOCALE.replace("-", "_"))


def _axis(values: Sequence[float]) -> list[str]:
    if max(map(abs, values)) < _COMPACT_FROM:
        return [f"{value:g}" for value in values]
    locale = settings.CONSOLE_LOCALE.replace("-", "_")
    return [format_compact_decimal(Decimal(repr(value)), locale=locale, fraction_digits=1) for value in values]


def units(amount_minor: int, currency: str) -> float:
    """For the height of a line only: a picture has no cents."""
    return float(Decimal(amount_minor).scaleb(-currency_exponent(currency)))
