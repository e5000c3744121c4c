"""The rules of a time zone as an iCalendar file carries them (RFC 5545 §3.6.5): each change of the clocks, by its wall time.

By hand, since icalendar 7.3 writes the wall time *after* a change forward where the standard asks for the one before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_SPAN = timedelta(days=366)
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def zone_component(zone: str, *, around: datetime) -> Timezone:
    """The VTIMEZONE of `zone`, true for a year to either side of `around`."""
    clock = ZoneInfo(zone)
    component = Timezone()
    component.add("tzid", zone)
    begins = (around - _SPAN).astimezone(UTC).replace(microsecond=0)
    component.add_component(_observance(clock, begins, before=_offset(clock, begins)))
    for change in _changes(clock, begins, begins + 2 * _SPAN):
        component.add_component(_observance(clock, change, before=_offset(clock, change - _SECOND)))
    return component


def _observance(clock: ZoneInfo, onset: datetime, *, before: timedelta) -> TimezoneStandard | TimezoneDaylight:
    local = onset.astimezone(clock)
    part = TimezoneDaylight() if local.dst() else TimezoneStandard()
    part.add("dtstart", (onset + before).replace(tzinfo=None))
    part.add("tzoffsetfrom", before)
    part.add("tzoffsetto", _offset(clock, onset))
    part.add("tzname", local.tzname() or clock.key)
    return part


def _changes(clock: ZoneInfo, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """The first instants of every new offset within the range. No zone has ever changed and changed back within a day."""
    known = begins
    while known < ends:
        later = known + _DAY
        if _offset(clock, later) != _offset(clock, known):
            yield _first_change(clock, known, later)
        known = later


def _first_change(clock: ZoneInfo, known: datetime, changed: datetime) -> datetime:
    before = _offset(clock, known)
    while changed - known > _SECOND:
        middle = known + (changed - known) // (2 * _SECOND) * _SECOND
        if _offset(clock, middle) == before:
            known = middle
        else:
            changed = middle
    return changed


def _offset(clock: ZoneInfo, moment: datetime) -> timedelta:
    offset = moment.astimezone(clock).utcoffset()
    assert offset is not None  # an aware datetime always has one
    return offset
