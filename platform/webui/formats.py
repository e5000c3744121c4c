"""Money, dates and times as people of a locale write them, by Babel."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton, format_time, get_timezone_gmt, get_timezone_location
from babel.lists import format_list
from babel.numbers import NumberPattern, format_decimal, parse_pattern
from babel.units import format_unit
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kernel.money import Money, currency_exponent, format_money

Style = Literal["date", "datetime", "datetime_zone", "day", "hour", "month", "time", "time_zone", "weekday"]
DayStyle = Literal["full", "long", "short", "weekday"]

# CLDR skeletons: the locale decides order, punctuation and 12 or 24 hours.
_SKELETONS: Final[dict[str, str]] = {
    "date": "yMMMd",
    "day": "MMMd",
    "month": "yMMMM",
    "weekday": "MMMEd",
}
# For days without a time. "full" is short too, but with its year.
_DAY_SKELETONS: Final[dict[str, str]] = {"full": "yMMMEd", "short": "MMMEd", "weekday": "E"}
_TWO_STOPS: Final = re.compile(r"(?<!\.)\.\.(?!\.)")
_MINUTES_PER_HOUR: Final = 60
_MINUTES_PER_DAY: Final = 24 * _MINUTES_PER_HOUR
# Below this a single decimal would read "0".
_SHORT_SECONDS: Final = 0.1


@lru_cache(maxsize=64)
def parse_locale(tag: str) -> Locale:
    """The Babel locale of a language tag such as `en-GB`; an unknown one counts as English."""
    try:
        return Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")


def current_locale(preferred: str | None = None) -> Locale:
    """The active language, in the regional form of `preferred` (a tenant's locale) where that is the same language."""
    active = parse_locale(get_language() or "en")
    wanted = parse_locale(preferred) if preferred else active
    return wanted if wanted.language == active.language else active


def money_text(money: Money, locale: Locale, *, short: bool = False) -> str:
    """`£45.00`; with `short` whole amounts lose their empty decimals (`£45`)."""
    whole, rest = divmod(money.amount_minor, 10 ** currency_exponent(money.currency))
    if not short or rest:
        return format_money(money, str(locale))
    return str(_whole_pattern(str(locale)).apply(whole, locale, currency=money.currency, currency_digits=False))


@lru_cache(maxsize=64)
def _whole_pattern(locale: str) -> NumberPattern:
    """The locale's way to write money, without decimals."""
    standard: NumberPattern = Locale.parse(locale).currency_formats["standard"]
    return parse_pattern(standard.pattern.replace("0.00", "0"))


def moment_text(moment: datetime, zone: str, style: Style, locale: Locale) -> str:
    """An instant as it reads on a clock or calendar in `zone`."""
    if style == "time":
        return format_time(moment, "short", tzinfo=ZoneInfo(zone), locale=locale)
    if style == "hour":
        return _hour_text(moment, zone, locale)
    if style == "datetime":
        return _day_and_time(moment, zone, locale)
    if style == "datetime_zone":
        return f"{_day_and_time(moment, zone, locale)} {_zone_text(moment, zone, locale)}"
    if style == "time_zone":
        return f"{moment_text(moment, zone, 'time', locale)} {_zone_text(moment, zone, locale)}"
    return format_skeleton(_SKELETONS[style], moment, tzinfo=ZoneInfo(zone), locale=locale)


def one_stop(sentence: str) -> str:
    """`sentence` without the second of two full stops: “2:08 a.m.” ends one by itself. Three stay three."""
    return _TWO_STOPS.sub(".", sentence)


def _hour_text(moment: datetime, zone: str, locale: Locale) -> str:
    """A full hour beside a calendar: `14:00`, or `2 p.m.` where clocks have twelve, since there the zeros say nothing."""
    if "h" in locale.time_formats["short"].pattern:
        return format_skeleton("h", moment, tzinfo=ZoneInfo(zone), locale=locale)
    return moment_text(moment, zone, "time", locale)


def _zone_text(moment: datetime, zone: str, locale: Locale) -> str:
    """How far the zone's clock is ahead just then (`GMT+01:00`); for the clock that all others are told by, its own name."""
    return "UTC" if zone == "UTC" else get_timezone_gmt(moment.astimezone(ZoneInfo(zone)), locale=locale)


def minute_text(minute: int, locale: Locale) -> str:
    """A minute of the day on the wall clock. The end of the day is named in words: no clock shows 24:00."""
    if minute == _MINUTES_PER_DAY:
        return _("midnight")
    return format_time(time(*divmod(minute, _MINUTES_PER_HOUR)), "short", locale=locale)


def city_text(zone: str, locale: Locale) -> str:
    """The city by which people know a zone; the zone's own name where it has none."""
    if zone.partition("/")[0] in {"UTC", "Etc"}:
        return zone.rpartition("/")[2]
    return get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True)


def _day_and_time(moment: datetime, zone: str, locale: Locale) -> str:
    day = format_skeleton("yMMMEd", moment, tzinfo=ZoneInfo(zone), locale=locale)
    return f"{day}, {format_time(moment, 'short', tzinfo=ZoneInfo(zone), locale=locale)}"


def long_day_text(day: date, locale: Locale) -> str:
    """`Friday 13 November`: the locale's short form with its names written out, as CLDR derives it."""
    nearest = next(name for name in ("MMMMEEEEd", "MMMMEd", "MMMEd") if name in locale.datetime_skeletons)
    parts = str(locale.datetime_skeletons[nearest].pattern).split("'")
    # Every other part stands in quotes, and is text.
    parts[::2] = [re.sub(r"[Ec]+", "EEEE", re.sub(r"([ML])\1{2,}", r"\1" * 4, part)) for part in parts[::2]]
    return format_date(day, "'".join(parts), locale=locale)


def styled_day_text(day: date, style: DayStyle, locale: Locale) -> str:
    """A calendar day: `Friday 13 November` (long), `Fri 13 Nov` (short), `Fri, 13 Nov 2026` (full), `Fri` (weekday)."""
    return long_day_text(day, locale) if style == "long" else day_text(day, locale, _DAY_SKELETONS[style])


def days_text(first: date, last: date, locale: Locale) -> str:
    """From one day to another, both included, without saying twice what they share: `16–22 Nov 2026`."""
    return format_interval(first, last, "yMMMd", locale=locale)


def day_text(day: date, locale: Locale, skeleton: str) -> str:
    """A calendar day by a CLDR skeleton."""
    return format_skeleton(skeleton, datetime(day.year, day.month, day.day, 12, tzinfo=UTC), locale=locale)


def number_text(number: int, locale: Locale) -> str:
    """`1234567` as `1,234,567`."""
    return str(format_decimal(number, locale=locale))


def duration_text(minutes: int, locale: Locale) -> str:
    """`90` as `1 hr, 30 min`."""
    hours, rest = divmod(minutes, _MINUTES_PER_HOUR)
    parts = [(hours, "duration-hour"), (rest, "duration-minute")]
    texts = [
        format_unit(value, unit, length="short", locale=locale)
        for value, unit in parts
        if value or (unit == "duration-minute" and not hours)
    ]
    return format_list(texts, style="unit-short", locale=locale)


def seconds_text(span: timedelta | float, locale: Locale) -> str:
    """A short span as `0.4 sec`, for progress lists."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    return format_unit(round(seconds, 2 if seconds < _SHORT_SECONDS else 1), "duration-second", length="short", locale=locale)
