"""Set operations on sorted, half-open stretches of integers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

type Pair = tuple[int, int]


def merge(pairs: Iterable[Pair]) -> list[Pair]:
    """The same set, sorted, without overlaps; stretches that touch become one, empty ones vanish."""
    merged: list[Pair] = []
    for starts, ends in sorted(pairs):
        if starts >= ends:
            continue
        if merged and starts <= merged[-1][1]:
            last_starts, last_ends = merged[-1]
            if ends > last_ends:
                merged[-1] = (last_starts, ends)
        else:
            merged.append((starts, ends))
    return merged


def clip(pairs: Iterable[Pair], lowest: int, highest: int) -> list[Pair]:
    """What of sorted, merged stretches lies in `[lowest, highest)`."""
    return [(max(starts, lowest), min(ends, highest)) for starts, ends in pairs if starts < highest and ends > lowest]


def subtract(pairs: Iterable[Pair], holes: Sequence[Pair]) -> list[Pair]:
    """Sorted, merged stretches without the sorted, merged holes, in one walk along both."""
    left: list[Pair] = []
    index = 0
    for starts, ends in pairs:
        cursor = starts
        while index < len(holes) and holes[index][1] <= cursor:
            index += 1
        ahead = index
        while ahead < len(holes) and holes[ahead][0] < ends:
            hole_starts, hole_ends = holes[ahead]
            if hole_starts > cursor:
                left.append((cursor, hole_starts))
            cursor = max(cursor, hole_ends)
            ahead += 1
        if cursor < ends:
            left.append((cursor, ends))
    return left


def contains(pairs: Iterable[Pair], value: int) -> bool:
    """True while some stretch holds `value`."""
    return any(starts <= value < ends for starts, ends in pairs)
