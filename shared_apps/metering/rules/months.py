"""Months of an organization's own clock: which one something counts to, and how long it can."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared_apps.metering.types import OPEN_FOR, REMEMBERED

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Placed:
    """Where something counts: the month, by its first day, and the day. `is_late`: its own month was closed."""

    month: date
    day: date
    is_late: bool


def month_of(moment: datetime, zone: str) -> date:
    """The first day of the month that the organization's calendar shows at `moment`."""
    return moment.astimezone(ZoneInfo(zone)).date().replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def ends_at(month: date, zone: str) -> datetime:
    """The first instant after the month."""
    return datetime.combine(next_month(month), time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def days_of(month: date) -> list[date]:
    """All days of a month."""
    return [month + number * _DAY for number in range((next_month(month) - month).days)]


def is_open(month: date, zone: str, now: datetime) -> bool:
    """Whether what happened in the month still counts in it."""
    return now < ends_at(month, zone) + OPEN_FOR


def open_since(zone: str, now: datetime) -> date:
    """The first day of the earliest month in which something still counts."""
    month = month_of(now, zone)
    before = (month - _DAY).replace(day=1)
    return before if is_open(before, zone, now) else month


def place(occurred_at: datetime, zone: str, now: datetime) -> Placed | None:
    """Where something counts that happened then and is heard of now; None when nobody remembers what counted then.

    What claims to come from the future is of now.
    """
    if now - occurred_at > REMEMBERED:
        return None
    moment = min(occurred_at, now)
    month = month_of(moment, zone)
    if is_open(month, zone, now):
        return Placed(month, moment.astimezone(ZoneInfo(zone)).date(), is_late=False)
    return Placed(month_of(now, zone), now.astimezone(ZoneInfo(zone)).date(), is_late=True)
