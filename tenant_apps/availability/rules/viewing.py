"""Slots as a viewer reads them: by the days of the viewer's own zone, and the ones nearest to a wish."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tenant_apps.availability.rules.stretches import contains
from tenant_apps.availability.rules.wall_clock import offset_label
from tenant_apps.availability.rules.zones import repeated_stretches, spans_between
from tenant_apps.availability.types import DAY, Instant, Slot, Stretch, ViewerDay, ViewerSlot


def nearest(slots: Sequence[Slot], at: Instant, count: int) -> list[Slot]:
    """Up to `count` slots whose starts are nearest to `at`, in order of time; of two as near, the earlier one.

    `slots` must be in order of time, as `find_slots` returns them.
    """
    after = bisect_left(slots, at, key=lambda slot: slot.starts)
    before = after
    while after - before < count and (before > 0 or after < len(slots)):
        is_earlier_nearer = after == len(slots) or (before > 0 and at - slots[before - 1].starts <= slots[after].starts - at)
        if is_earlier_nearer:
            before -= 1
        else:
            after += 1
    return list(slots[before:after])


def by_viewer_day(slots: Sequence[Slot], zone: str) -> list[ViewerDay]:
    """The slots grouped by the viewer's local date, days in order; days without a slot are absent.

    Where the clocks of the viewer's zone show a time twice, its slots carry their offset, even if only one is free.
    """
    if not slots:
        return []
    clock = ZoneInfo(zone)
    repeated = _repeated_around(slots, zone)
    days: dict[date, list[ViewerSlot]] = defaultdict(list)
    for slot in slots:
        local = datetime.fromtimestamp(slot.starts, clock)
        label = offset_label(local) if contains(repeated, slot.starts) else ""
        days[local.date()].append(ViewerSlot(slot, local, label))
    return [ViewerDay(day, tuple(days[day])) for day in sorted(days)]


def _repeated_around(slots: Sequence[Slot], zone: str) -> list[Stretch]:
    starts, ends = min(slot.starts for slot in slots), max(slot.starts for slot in slots)
    return repeated_stretches(spans_between(zone, starts - 2 * DAY, ends + 2 * DAY))
