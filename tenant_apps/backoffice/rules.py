"""Where a booking lies in the week's grid, and how a list is put in another order. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

QUARTER_MINUTES: Final = 15
QUARTERS_A_DAY: Final = 96
LONGEST_EVENT: Final = 48
_QUARTERS_AN_HOUR: Final = 4
_USUAL_FIRST_HOUR: Final = 8
_USUAL_LAST_HOUR: Final = 19


def monday_of(day: date) -> date:
    """The Monday of the week that `day` lies in (ISO 8601)."""
    return day - timedelta(days=day.weekday())


def hours_to_show(spans: Iterable[tuple[datetime, datetime]]) -> range:
    """The hours that the grid needs: a working day, and more where something lies outside of it."""
    first, last = _USUAL_FIRST_HOUR, _USUAL_LAST_HOUR
    for starts, ends in spans:
        first = min(first, starts.hour)
        # What runs past midnight fills the rest of its day.
        last = 24 if ends.date() > starts.date() else max(last, ends.hour + (1 if ends.minute else 0))
    return range(first, min(24, last))


def place_in_grid(starts: datetime, ends: datetime, hours: range) -> tuple[int, int]:
    """Row and length in quarter hours of a span on the local clock, cut off where the grid ends; at least one row."""
    minutes = (starts.hour - hours.start) * 60 + starts.minute
    row = min(max(minutes // QUARTER_MINUTES, 0), QUARTERS_A_DAY - 1)
    wall = (ends.replace(tzinfo=None) - starts.replace(tzinfo=None)) // timedelta(minutes=1)
    length = -(-wall // QUARTER_MINUTES)
    room = len(hours) * _QUARTERS_AN_HOUR - row
    return row, max(1, min(length, room, LONGEST_EVENT))


def moved[T](items: Sequence[T], item: T, steps: int) -> list[T]:
    """`items` with `item` moved by `steps` places (-1 is up); at an end, or unknown, nothing changes."""
    order = list(items)
    if item not in order:
        return order
    place = order.index(item)
    order.insert(max(0, place + steps), order.pop(place))
    return order
