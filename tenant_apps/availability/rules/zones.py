"""Time zones as spans of constant offset, in integers, worked out once per zone and year."""

from __future__ import annotations

import calendar
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tenant_apps.availability.rules.stretches import merge
from tenant_apps.availability.types import DAY, Instant, Stretch

_SECOND = timedelta(seconds=1)


class Span(NamedTuple):
    """From `starts` to before `ends`, wall clocks show the instant plus `offset` seconds."""

    starts: Instant
    ends: Instant
    offset: int


def spans_between(zone: str, starts: Instant, ends: Instant) -> list[Span]:
    """The spans of `zone` that cover `[starts, ends)` without a gap, clipped to it, in order."""
    if starts >= ends:
        return []
    found: list[Span] = []
    for year in range(time.gmtime(starts).tm_year, time.gmtime(ends - 1).tm_year + 1):
        for span in _spans_of_year(zone, year):
            if span.ends <= starts or span.starts >= ends:
                continue
            clipped = Span(max(span.starts, starts), min(span.ends, ends), span.offset)
            # A new year is no transition: the span goes on.
            if found and found[-1].offset == clipped.offset:
                clipped = Span(found.pop().starts, clipped.ends, clipped.offset)
            found.append(clipped)
    return found


def repeated_stretches(spans: Sequence[Span]) -> list[Stretch]:
    """The instants whose wall time the clocks show twice: as long before each step back as after it."""
    steps = ((one.ends, one.offset - other.offset) for one, other in pairwise(spans))
    return merge((change - back, change + back) for change, back in steps if back > 0)


def local_day(zone: str, instant: Instant) -> int:
    """The day number of the local date at an instant."""
    return (instant + _offset_at(ZoneInfo(zone), instant)) // DAY


@lru_cache(maxsize=4096)
def _spans_of_year(zone: str, year: int) -> tuple[Span, ...]:
    """The spans of one UTC year.

    `zoneinfo` tells no transitions, so the offset is asked once a day and each change is found by bisection. No zone
    has ever changed and changed back within a day, which a test walks through.
    """
    clock = ZoneInfo(zone)
    year_starts = calendar.timegm((year, 1, 1, 0, 0, 0))
    year_ends = calendar.timegm((year + 1, 1, 1, 0, 0, 0))
    spans: list[Span] = []
    since, offset = year_starts, _offset_at(clock, year_starts)
    for midnight in range(year_starts, year_ends, DAY):
        last = midnight + DAY - 1
        while _offset_at(clock, last) != offset:
            change = _first_change(clock, max(since, midnight - 1), last)
            spans.append(Span(since, change, offset))
            since, offset = change, _offset_at(clock, change)
    spans.append(Span(since, year_ends, offset))
    return tuple(spans)


def _first_change(clock: ZoneInfo, known: Instant, changed: Instant) -> Instant:
    """The first second after `known` with another offset than at `known`; at `changed` it is another."""
    before = _offset_at(clock, known)
    while changed - known > 1:
        middle = (known + changed) // 2
        if _offset_at(clock, middle) == before:
            known = middle
        else:
            changed = middle
    return changed


def _offset_at(clock: ZoneInfo, instant: Instant) -> int:
    offset = datetime.fromtimestamp(instant, clock).utcoffset()
    assert offset is not None  # an aware datetime always has one
    return offset // _SECOND
