"""When people on other clocks work, on the clock of who looks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tenant_apps.availability.types import MINUTES_A_DAY, HoursOfZone


def working_minutes(hours: Iterable[HoursOfZone], zone: str, on_date: date) -> tuple[int, int] | None:
    """The first and the last of these minutes on the clock of `zone`, `0 <= first < last <= MINUTES_A_DAY`; None of none.

    All day long where any reach into another day: a part of them is in the evening before, or in the morning after.
    """
    spans = [_span(each, zone, on_date) for each in hours]
    if not spans:
        return None
    first, last = min(start for start, _end in spans), max(end for _start, end in spans)
    return (0, MINUTES_A_DAY) if first < 0 or last > MINUTES_A_DAY else (first, last)


def _span(hours: HoursOfZone, zone: str, on_date: date) -> tuple[int, int]:
    start, end = (_minute(hours.zone, minute, zone, on_date) for minute in (hours.starts_minute, hours.ends_minute))
    # An hour that the clocks repeat may end before it began; it is shown all the same.
    return start, max(end, start + 1)


def _minute(there: str, minute: int, here: str, on_date: date) -> int:
    midnight = datetime.combine(on_date, time(), tzinfo=ZoneInfo(there))
    shown = (midnight + timedelta(minutes=minute)).astimezone(ZoneInfo(here))
    return (shown.date() - on_date).days * MINUTES_A_DAY + shown.hour * 60 + shown.minute
