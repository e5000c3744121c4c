"""Stretches of time, half-open, and the arithmetic of sets of them; pure, and O(n log n) for any input order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """All instants from `start` up to, not including, `end`; never empty.

    Both ends are kept in UTC: Python compares two datetimes of the same zone by their wall clocks, which is wrong in the
    hour that a clock change repeats.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.utcoffset() is None or self.end.utcoffset() is None:
            raise ValueError("an interval needs aware datetimes")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.start >= self.end:
            raise ValueError(f"an interval must end after it starts: {self.start.isoformat()} to {self.end.isoformat()}")

    @property
    def duration(self) -> timedelta:
        """How long it lasts in real time, clock changes included."""
        return self.end - self.start

    def contains(self, moment: datetime) -> bool:
        """Whether `moment` lies within; the end does not."""
        # In UTC for the same reason as the ends.
        return self.start <= moment.astimezone(UTC) < self.end

    def covers(self, other: Interval) -> bool:
        """Whether all of `other` lies within."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Interval) -> bool:
        """Whether the two share an instant; neighbours that only touch do not."""
        return self.start < other.end and other.start < self.end


def normalise(intervals: Iterable[Interval]) -> list[Interval]:
    """The same instants as a sorted list in which no two intervals overlap or touch."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if not merged or merged[-1].end < interval.start:
            merged.append(interval)
        elif merged[-1].end < interval.end:
            merged[-1] = Interval(merged[-1].start, interval.end)
    return merged


def union(first: Iterable[Interval], second: Iterable[Interval]) -> list[Interval]:
    """The instants in either, normalised."""
    return normalise([*first, *second])


def intersect(first: Iterable[Interval], second: Iterable[Interval]) -> list[Interval]:
    """The instants in both, normalised."""
    left, right = normalise(first), normalise(second)
    common: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i].start, right[j].start), min(left[i].end, right[j].end)
        if start < end:
            common.append(Interval(start, end))
        if left[i].end <= right[j].end:
            i += 1
        else:
            j += 1
    return common


def subtract(whole: Iterable[Interval], removed: Iterable[Interval]) -> list[Interval]:
    """The instants of `whole` that are not in `removed`, normalised."""
    holes = normalise(removed)
    rest: list[Interval] = []
    first_hole = 0
    for interval in normalise(whole):
        while first_hole < len(holes) and holes[first_hole].end <= interval.start:
            first_hole += 1
        rest += _pieces_around(interval, holes, first_hole)
    return rest


def _pieces_around(interval: Interval, holes: list[Interval], first_hole: int) -> list[Interval]:
    """What is left of `interval` between the holes from `first_hole` on, the first one that ends after its start."""
    pieces: list[Interval] = []
    start = interval.start
    for index in range(first_hole, len(holes)):
        hole = holes[index]
        if hole.start >= interval.end:
            break
        if start < hole.start:
            pieces.append(Interval(start, hole.start))
        start = hole.end
    if start < interval.end:
        pieces.append(Interval(start, interval.end))
    return pieces
