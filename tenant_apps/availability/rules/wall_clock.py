"""Between what people write (a date, a time, a zone) and instants, with the skipped and repeated hours spelled out."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from kernel.zones import is_zone
from tenant_apps.availability.errors import AmbiguousTime, InvalidTime, SkippedTime
from tenant_apps.availability.rules.zones import Span, spans_between
from tenant_apps.availability.types import DAY, MINUTE, MINUTES_A_DAY, Instant, day_number, moment_of

_HOUR = 60 * MINUTE
_MINUTE = re.compile(r"([0-9]{1,2}):([0-5][0-9])")
_YEARS = range(1970, 2200)
"""Outside these years a date is a typing error."""


def zone_named(key: str, *, field: str | None = None) -> str:
    """The key itself, if the tz database knows it; InvalidTime otherwise. The spelling counts."""
    if not is_zone(key):
        raise InvalidTime(_("“%(zone)s” is not a time zone. Write it like Europe/London.") % {"zone": key[:60]}, field=field)
    return key


def parse_local(
    on_date: date | str,
    at_time: time | str,
    zone: str,
    fold: int | None = None,
    *,
    field: str | None = None,
) -> datetime:
    """The instant, as an aware UTC datetime, at which the clocks of `zone` show this date and time.

    Text is ISO 8601: `2026-03-29` and `01:30`. Raises SkippedTime where the clocks jump over it; where it happens
    twice, `fold` chooses (0 the first, 1 the second), and without it AmbiguousTime is raised, with both as `choices`.
    Raises InvalidTime for an impossible date or time and for an unknown zone. `field` is the one to blame.
    """
    zone_named(zone, field=field)
    day, wall = _parse_date(on_date, field), _parse_time(at_time, field)
    wall_seconds = day_number(day) * DAY + wall.hour * _HOUR + wall.minute * MINUTE + wall.second
    # No offset is further from UTC than a day, so these spans hold every instant that can show this wall time.
    spans = spans_between(zone, wall_seconds - 2 * DAY, wall_seconds + 2 * DAY)
    found = [wall_seconds - span.offset for span in spans if span.starts <= wall_seconds - span.offset < span.ends]
    if not found:
        raise _skipped(spans, wall_seconds, zone, field)
    if len(found) > 1 and fold is None:
        raise _ambiguous(found, zone, field)
    return moment_of(found[-1] if fold else found[0])


def instants_of_days(first_on: date, last_on: date, zone: str) -> tuple[datetime, datetime]:
    """The half-open range of instants, aware UTC, from the first moment of one local date to the last of another.

    A date that the zone skipped altogether lends its place to the moment of the jump. Raises InvalidTime for a year
    that can only be a typing error.
    """
    for day in (first_on, last_on):
        require_year(day, field=None)
    return moment_of(_first_instant_of(day_number(first_on), zone)), moment_of(_first_instant_of(day_number(last_on) + 1, zone))


def require_year(day: date, field: str | None) -> None:
    """Raise InvalidTime for a date that can only be a typing error."""
    if day.year not in _YEARS:
        raise InvalidTime(_("The year %(year)s is out of range.") % {"year": day.year}, field=field)


def read_minute(text: str, *, field: str | None = None) -> int:
    """The minute of the day that `09:30` names; `24:00` is the end of the day. Raises InvalidTime for anything else."""
    found = _MINUTE.fullmatch(text.strip())
    minute = int(found[1]) * 60 + int(found[2]) if found else -1
    if not 0 <= minute <= MINUTES_A_DAY:
        message = _("There is no time “%(time)s”. Write it like 09:30; the end of the day is 24:00.")
        raise InvalidTime(message % {"time": text[:20]}, field=field)
    return minute


def write_minute(minute: int) -> str:
    """`09:30` for 570, `24:00` for 1440."""
    return f"{minute // 60:02}:{minute % 60:02}"


def offset_label(moment: datetime) -> str:
    """The offset of an aware datetime, for people: `UTC+01:00`, `UTC-03:30`, `UTC+00:00`."""
    return f"UTC{moment:%:z}"


def _parse_date(given: date | str, field: str | None) -> date:
    day = given if isinstance(given, date) else _read_date(given, field)
    require_year(day, field)
    return day


def _read_date(text: str, field: str | None) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = _("There is no date “%(date)s”. Write it like 2026-03-29.") % {"date": text[:20]}
        raise InvalidTime(message, field=field) from None


def _parse_time(given: time | str, field: str | None) -> time:
    wall = given if isinstance(given, time) else _read_time(given, field)
    if wall.tzinfo is not None:
        raise InvalidTime(_("Give the time without an offset; the time zone is known."), field=field)
    return wall


def _read_time(text: str, field: str | None) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        message = _("There is no time “%(time)s”. Write it like 09:30.") % {"time": text[:20]}
        raise InvalidTime(message, field=field) from None


def _skipped(spans: list[Span], wall_seconds: int, zone: str, field: str | None) -> SkippedTime:
    """Between two spans the clocks jump from the one's last wall time to the other's first; the gap holds ours."""
    before, after = next(
        (one.ends + one.offset, other.starts + other.offset)
        for one, other in pairwise(spans)
        if one.ends + one.offset <= wall_seconds < other.starts + other.offset
    )
    message = _(
        "%(time)s does not exist on %(date)s in %(zone)s: the clocks go forward from %(before)s to %(after)s. "
        "Choose an earlier time, or one from %(after)s."
    )
    words = {
        "time": _clock(wall_seconds),
        "date": _calendar(wall_seconds),
        "zone": zone,
        "before": _clock(before, beside=wall_seconds),
        "after": _clock(after, beside=wall_seconds),
    }
    return SkippedTime(message % words, field=field)


def _ambiguous(instants: list[Instant], zone: str, field: str | None) -> AmbiguousTime:
    first, second = (datetime.fromtimestamp(instant, ZoneInfo(zone)) for instant in (instants[0], instants[-1]))
    message = _(
        "%(time)s happens twice on %(date)s in %(zone)s, because the clocks go back. "
        "Choose the first (%(first)s) or the second (%(second)s)."
    )
    words = {
        "time": f"{first:%H:%M}",
        "date": f"{first:%Y-%m-%d}",
        "zone": zone,
        "first": offset_label(first),
        "second": offset_label(second),
    }
    return AmbiguousTime(message % words, choices=(first, second), field=field)


def _first_instant_of(day: int, zone: str) -> Instant:
    """The first instant at which the local date is `day` or later."""
    midnight = day * DAY
    spans = spans_between(zone, midnight - 2 * DAY, midnight + 2 * DAY)
    return next(max(span.starts, midnight - span.offset) for span in spans if span.ends + span.offset > midnight)


def _clock(wall_seconds: int, *, beside: int | None = None) -> str:
    """`01:30`, with the date in front where it is another than that of `beside`."""
    moment = moment_of(wall_seconds)
    if beside is not None and wall_seconds // DAY != beside // DAY:
        return f"{moment:%Y-%m-%d %H:%M}"
    return f"{moment:%H:%M}"


def _calendar(wall_seconds: int) -> str:
    return f"{moment_of(wall_seconds):%Y-%m-%d}"
