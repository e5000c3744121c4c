"""Which times can be booked: opening hours, less everything that forbids a start, cut to the grid.

The engine thinks in *starts*, not in times: a service of 60 minutes in hours that end at 17:00 may start until 16:00,
and a booking forbids the starts that would run into it. What is left is a set of stretches, and the slots are the
points of the grid in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat

from tenant_apps.availability.rules.opening import open_stretches
from tenant_apps.availability.rules.stretches import clip, merge, subtract
from tenant_apps.availability.rules.zones import Span, spans_between
from tenant_apps.availability.types import (
    DAY,
    MINUTE,
    WEEK_DAYS,
    Busy,
    BusyKind,
    Diary,
    Instant,
    Slot,
    Stretch,
    Timing,
    week_of,
)

_LONGEST_BUFFER = DAY
"""How far a neighbour's buffer can reach; the models hold buffers below this."""


def find_slots(diary: Diary, timing: Timing, *, starts: Instant, ends: Instant, now: Instant) -> list[Slot]:
    """The slots whose start lies in `[starts, ends)`, in order.

    Each is a distinct instant: a wall time in a repeated hour appears twice, one in a skipped hour never.
    """
    earliest, latest = bookable_part(timing, starts=starts, ends=ends, now=now)
    if earliest >= latest:
        return []
    zone, duration = diary.schedule.zone, timing.duration
    spans = spans_between(zone, earliest, latest + duration)
    startable = ((opens, closes - duration + 1) for opens, closes in open_stretches(diary.schedule, spans))
    wanted = clip((pair for pair in startable if pair[0] < pair[1]), earliest, latest)
    free = subtract(wanted, merge(_forbidden_starts(diary, timing, earliest, latest)))
    found: list[Slot] = []
    for points, offset in _grid(free, spans, timing.step_minutes * MINUTE):
        ends_of = range(points.start + duration, points.stop + duration, points.step)
        found += map(Slot._make, zip(points, ends_of, repeat(offset), repeat(zone), strict=False))
    return found


def bookable_part(timing: Timing, *, starts: Instant, ends: Instant, now: Instant) -> Stretch:
    """What notice and horizon leave of a range of starts; nothing, if the two ends cross."""
    latest = timing.latest_start(now)
    return max(starts, timing.earliest_start(now)), ends if latest is None else min(ends, latest + 1)


def busy_reach(timing: Timing, *, starts: Instant, ends: Instant) -> Stretch:
    """The stretch of instants whose busy times decide about slots in `[starts, ends)`.

    Wide enough for buffers on both sides, and for the whole local days and weeks that the limits count in.
    """
    around = _LONGEST_BUFFER
    if timing.max_per_day is not None:
        around += 2 * DAY
    if timing.max_per_week is not None:
        around += (WEEK_DAYS + 1) * DAY
    return starts - around, ends + timing.duration + around


def forbidden_by(busy: Iterable[Busy], timing: Timing) -> list[Stretch]:
    """The starts that busy times forbid: the gap on either side must hold the larger of the two buffers.

    So neighbouring buffers may overlap each other and never add up, but neither may reach into the other's service.
    """
    own_before, own_after, duration = timing.buffer_before, timing.buffer_after, timing.duration
    return [
        (starts - max(own_after, before) - duration + 1, ends + max(own_before, after))
        for starts, ends, before, after, _kind, _service_id in busy
    ]


def count_by_day(zone: str, busy: Iterable[Busy], timing: Timing) -> Counter[int]:
    """How many bookings and live holds of the same service start on each local day."""
    same = timing.service_id
    counted = [item.starts for item in busy if item.kind is not BusyKind.CALENDAR and item.service_id == same]
    if not counted:
        return Counter()
    by_day: Counter[int] = Counter()
    for span in spans_between(zone, min(counted), max(counted) + 1):
        by_day.update((starts + span.offset) // DAY for starts in counted if span.starts <= starts < span.ends)
    return by_day


def count_by_week(by_day: Counter[int]) -> Counter[int]:
    """The same per week, from Monday to Sunday."""
    by_week: Counter[int] = Counter()
    for day, count in by_day.items():
        by_week[week_of(day)] += count
    return by_week


def _forbidden_starts(diary: Diary, timing: Timing, earliest: Instant, latest: Instant) -> list[Stretch]:
    found = forbidden_by(diary.busy, timing)
    found += [(starts - timing.duration + 1, ends) for starts, ends in diary.blackouts]
    if timing.has_limits:
        found += _full_days(diary, timing, spans_between(diary.schedule.zone, earliest, latest))
    return found


def _full_days(diary: Diary, timing: Timing, spans: Sequence[Span]) -> Iterator[Stretch]:
    by_day = count_by_day(diary.schedule.zone, diary.busy, timing)
    by_week = count_by_week(by_day)
    for span in spans:
        wall_starts, wall_ends = span.starts + span.offset, span.ends + span.offset
        for day in range(wall_starts // DAY, (wall_ends - 1) // DAY + 1):
            if is_full(timing.max_per_day, by_day[day]) or is_full(timing.max_per_week, by_week[week_of(day)]):
                midnight = day * DAY
                yield max(midnight, wall_starts) - span.offset, min(midnight + DAY, wall_ends) - span.offset


def is_full(limit: int | None, count: int) -> bool:
    """True while a limit exists and is reached."""
    return limit is not None and count >= limit


def _grid(free: Iterable[Stretch], spans: Sequence[Span], step: int) -> Iterator[tuple[range, int]]:
    """The instants on the grid in each free stretch, with the offset of the wall clock there."""
    for starts, ends in free:
        for span in spans:
            if span.starts >= ends or span.ends <= starts:
                continue
            wall_starts = max(starts, span.starts) + span.offset
            wall_ends = min(ends, span.ends) + span.offset
            for wall_times in _wall_grid(wall_starts, wall_ends, step):
                first, last = wall_times.start - span.offset, wall_times.stop - span.offset
                yield range(first, last, step), span.offset


def _wall_grid(wall_starts: int, wall_ends: int, step: int) -> Iterator[range]:
    """The grid counts from each midnight. Where the step divides a day, all midnights lie on one grid."""
    if DAY % step == 0:
        yield range(-(-wall_starts // step) * step, wall_ends, step)
        return
    for day in range(wall_starts // DAY, (wall_ends - 1) // DAY + 1):
        midnight = day * DAY
        first = midnight - (-(max(wall_starts, midnight) - midnight) // step) * step
        yield range(first, min(wall_ends, midnight + DAY), step)
