"""What hours may look like, told to the person who sets them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Final

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from tenant_apps.availability.errors import InvalidHours
from tenant_apps.availability.rules.wall_clock import write_minute
from tenant_apps.availability.rules.zones import local_day
from tenant_apps.availability.types import MINUTES_A_DAY, WEEK_DAYS, Instant, WeeklyHours, Window, date_of

MOST_WINDOWS_A_DAY: Final = 12
FURTHEST_EXCEPTION_YEARS: Final = 5
LONGEST_NOTE: Final = 200


def check_weekly_hours(rows: Iterable[tuple[int, int, int]]) -> tuple[WeeklyHours, ...]:
    """The same rows in order of time. Raises InvalidHours, with `row`, for what does not fit into a week.

    Windows that touch are fine; those that overlap on a weekday are refused.
    """
    hours = [WeeklyHours(*row) for row in rows]
    for index, row in enumerate(hours):
        if row.weekday not in range(WEEK_DAYS):
            raise InvalidHours(_("Choose a day of the week."), field="windows", row=index)
        check_minutes(row.starts_minute, row.ends_minute, field="windows", row=index)
    _refuse_overlaps(hours)
    _refuse_too_many(hours)
    return tuple(sorted(hours))


def check_minutes(starts_minute: int, ends_minute: int, *, field: str, row: int | None = None) -> None:
    """Raise InvalidHours unless the two are a stretch of one day."""
    if not (0 <= starts_minute < MINUTES_A_DAY and 0 < ends_minute <= MINUTES_A_DAY):
        raise InvalidHours(_("A time lies between midnight and the next midnight."), field=field, row=row)
    if ends_minute <= starts_minute:
        message = _(
            "This ends before it starts. For hours past midnight, end at midnight here and put the rest on the next day."
        )
        raise InvalidHours(message, field=field, row=row)


def check_exception_date(on_date: date, zone: str, now: Instant) -> None:
    """Raise InvalidHours for a date that is over for the provider, or so far ahead that it is a typing error."""
    today = date_of(local_day(zone, now))
    if on_date < today:
        raise InvalidHours(_("This date has passed."), field="on_date")
    if on_date.year > today.year + FURTHEST_EXCEPTION_YEARS:
        raise InvalidHours(_("This date is too far ahead."), field="on_date")


def check_blackout(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raise InvalidHours for time that is over, or so far ahead that it is a typing error. All are aware."""
    if ends_at <= now:
        raise InvalidHours(_("This time has passed."), field="starts_at")
    for field, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if moment.year > now.year + FURTHEST_EXCEPTION_YEARS:
            raise InvalidHours(_("This date is too far ahead."), field=field)


def check_note(note: str) -> str:
    """The note without surrounding blanks. Raises InvalidHours when it is too long."""
    tidy = note.strip()
    if len(tidy) > LONGEST_NOTE:
        raise InvalidHours(_("Keep the note below %(count)s characters.") % {"count": LONGEST_NOTE + 1}, field="note")
    return tidy


def _refuse_overlaps(hours: Sequence[WeeklyHours]) -> None:
    by_time = sorted(range(len(hours)), key=lambda index: hours[index])
    for earlier, later in pairwise(by_time):
        one, other = hours[earlier], hours[later]
        if one.weekday == other.weekday and other.starts_minute < one.ends_minute:
            message = _("On %(day)s, %(one)s and %(other)s overlap.")
            words = {"day": WEEKDAYS[one.weekday], "one": _words(Window(*one[1:])), "other": _words(Window(*other[1:]))}
            raise InvalidHours(message % words, field="windows", row=later)


def _refuse_too_many(hours: Sequence[WeeklyHours]) -> None:
    for weekday, count in Counter(row.weekday for row in hours).items():
        if count > MOST_WINDOWS_A_DAY:
            message = _("%(day)s has more than %(count)s windows.")
            raise InvalidHours(message % {"day": WEEKDAYS[weekday], "count": MOST_WINDOWS_A_DAY}, field="windows")


def _words(window: Window) -> str:
    return f"{write_minute(window.starts_minute)}–{write_minute(window.ends_minute)}"
