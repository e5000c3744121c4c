"""The month that a calendar shows, made on the server: which days, in which order, how many times are free."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from babel import Locale
from babel.dates import get_day_names
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webui.formats import day_text, long_day_text

# "Few left": from three times down a day gets its mark.
FEW: Final = 3
_NOTHING: Final[Mapping[date, int]] = {}


@dataclass(frozen=True, slots=True)
class Day:
    """One cell. `free` is the number of times that can be booked; a day without any can be looked at but not chosen."""

    on: date
    label: str
    free: int
    is_selected: bool
    is_today: bool

    @property
    def is_open(self) -> bool:
        """True when at least one time is free."""
        return self.free > 0

    @property
    def is_low(self) -> bool:
        """True when only a few times are left."""
        return 0 < self.free <= FEW


@dataclass(frozen=True, slots=True)
class Weekday:
    """A column's heading."""

    name: str
    short: str


@dataclass(frozen=True, slots=True)
class MonthGrid:
    """Weeks of seven cells, None outside the month; `key`, `previous` and `following` are `YYYY-MM` or None at the edge."""

    key: str
    title: str
    weekdays: tuple[Weekday, ...]
    weeks: tuple[tuple[Day | None, ...], ...]
    previous: str | None
    following: str | None


@dataclass(frozen=True, slots=True)
class _Labeller:
    locale: Locale
    today: date

    def label(self, on: date, free: int) -> str:
        """`Friday 13 November, today, 9 times free`."""
        words = [long_day_text(on, self.locale)]
        if on == self.today:
            words.append(_("today"))
        words.append(ngettext("%(count)d time free", "%(count)d times free", free) % {"count": free} if free else _("no times"))
        return ", ".join(words)


def build_month(
    month: date,
    *,
    today: date,
    locale: Locale,
    free: Mapping[date, int] = _NOTHING,
    selected: date | None = None,
    first_on: date | None = None,
    last_on: date | None = None,
) -> MonthGrid:
    """The month that holds `month`, the week starting as in `locale`. `first_on` and `last_on` bound what can be turned to."""
    first = month.replace(day=1)
    labeller = _Labeller(locale, today)
    weeks = Calendar(locale.first_week_day).monthdatescalendar(first.year, first.month)
    cells = tuple(
        tuple(_cell(on, free.get(on, 0), labeller, selected) if on.month == first.month else None for on in week)
        for week in weeks
    )
    return MonthGrid(
        key=f"{first:%Y-%m}",
        title=day_text(first, locale, "yMMMM"),
        weekdays=_weekdays(locale),
        weeks=cells,
        previous=_neighbour(first - timedelta(days=1), not_before=first_on),
        following=_neighbour(_next_month(first), not_after=last_on),
    )


def _cell(on: date, free: int, labeller: _Labeller, selected: date | None) -> Day:
    return Day(on, labeller.label(on, free), free, is_selected=on == selected, is_today=on == labeller.today)


def _weekdays(locale: Locale) -> tuple[Weekday, ...]:
    wide, short = get_day_names("wide", "stand-alone", locale), get_day_names("short", "stand-alone", locale)
    order = [(locale.first_week_day + index) % 7 for index in range(7)]
    return tuple(Weekday(wide[day], short[day]) for day in order)


def _next_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def _neighbour(day: date, *, not_before: date | None = None, not_after: date | None = None) -> str | None:
    """`YYYY-MM` of a day's month, or None where the whole month lies beyond the bound."""
    is_beyond = (not_before is not None and day < not_before) or (not_after is not None and day.replace(day=1) > not_after)
    return None if is_beyond else f"{day:%Y-%m}"
