"""Smooth lines through points, written in few bytes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from themes.engine.art.svg import number

type Point = tuple[float, float]

# A Catmull-Rom spline as Bézier curves: each control point lies a sixth of the neighbours' distance away.
_TENSION = 6


def open_curve(points: Sequence[Point]) -> str:
    """A smooth path through the points, from the first to the last."""
    pieces = [f"M{number(points[0][0])} {number(points[0][1])}"]
    last = len(points) - 1
    for index in range(last):
        before, start = points[max(0, index - 1)], points[index]
        end, after = points[index + 1], points[min(last, index + 2)]
        leaving = (start[0] + (end[0] - before[0]) / _TENSION, start[1] + (end[1] - before[1]) / _TENSION)
        arriving = (end[0] - (after[0] - start[0]) / _TENSION, end[1] - (after[1] - start[1]) / _TENSION)
        pieces.append("C" + " ".join(number(value) for point in (leaving, arriving, end) for value in point))
    return "".join(pieces)


def level_curve(points: Sequence[Point]) -> str:
    """A smooth path for figures: between two points it never leaves their heights, so nothing earned is not drawn as a loss.

    Steffen's interpolation ("A simple method for monotonic interpolation in one dimension", 1990): level at each turn, and
    elsewhere never steeper than twice the flatter neighbour. `x` must grow from point to point.
    """
    slopes = _slopes(points)
    pieces = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for (start, leaving), (end, arriving) in pairwise(zip(points, slopes, strict=True)):
        third = (end[0] - start[0]) / 3
        first = (start[0] + third, start[1] + third * leaving)
        second = (end[0] - third, end[1] - third * arriving)
        pieces.append("C" + " ".join(number(value) for point in (first, second, end) for value in point))
    return "".join(pieces)


def _slopes(points: Sequence[Point]) -> list[float]:
    widths = [end[0] - start[0] for start, end in pairwise(points)]
    secants = [(end[1] - start[1]) / width for (start, end), width in zip(pairwise(points), widths, strict=True)]
    inner = [_slope_between(*pair) for pair in pairwise(zip(secants, widths, strict=True))]
    if not inner:
        return [secants[0], secants[0]]
    return [(3 * secants[0] - inner[0]) / 2, *inner, (3 * secants[-1] - inner[-1]) / 2]


def _slope_between(before: tuple[float, float], after: tuple[float, float]) -> float:
    """Of two neighbouring stretches, each a slope and a width: level where one rises and the other falls."""
    (one, width_before), (other, width_after) = before, after
    if one * other <= 0:
        return 0.0
    weighted = (one * width_after + other * width_before) / (width_before + width_after)
    return math.copysign(min(2 * abs(one), 2 * abs(other), abs(weighted)), one)


def closed_curve(points: Sequence[Point]) -> str:
    """A smooth ring through the points, as relative whole numbers: about 40 % of the bytes of absolute curves."""
    count = len(points)
    x, y = round(points[0][0]), round(points[0][1])
    first, second, last = points[0], points[1], points[-1]
    leaving = (first[0] + (second[0] - last[0]) / _TENSION, first[1] + (second[1] - last[1]) / _TENSION)
    pieces = [f"M{x} {y}c{_packed(x, y, leaving, _arriving(points, 1), second)}"]
    x, y = x + round(second[0] - x), y + round(second[1] - y)
    for index in range(2, count + 1):
        end = points[index % count]
        pieces.append(f"s{_packed(x, y, _arriving(points, index % count), end)}")
        x, y = x + round(end[0] - x), y + round(end[1] - y)
    return "".join(pieces) + "z"


def _arriving(points: Sequence[Point], index: int) -> Point:
    before, here, after = points[index - 1], points[index], points[(index + 1) % len(points)]
    return here[0] - (after[0] - before[0]) / _TENSION, here[1] - (after[1] - before[1]) / _TENSION


def _packed(x: int, y: int, *points: Point) -> str:
    """Offsets from x, y; a minus sign needs no space before it."""
    offsets = [round(value) for point in points for value in (point[0] - x, point[1] - y)]
    first, *rest = offsets
    return str(first) + "".join(str(offset) if offset < 0 else f" {offset}" for offset in rest)
