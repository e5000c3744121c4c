"""A grid of geometric tiles, two elements each at most, so that a large wall of them stays light."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence

from django.utils.safestring import SafeString

from themes.engine.art.svg import circle_path, number, path, rectangle, rectangle_path

_SMALLEST_SIDE = 92
_FEWEST_COLUMNS = 3
# Walls of more tiles than this weigh too much, so their tiles grow instead.
_MOST_TILES = 90
# Neighbouring tiles overlap by a hair, else antialiasing lets the ground shine through.
_OVERLAP = 0.4

type TileShape = Callable[[float, float, float], str]
"""The path of a shape in the tile whose corner is at x, y and whose side is the third number."""


def tiles(width: int, height: int, chance: random.Random, paints: Sequence[str]) -> Iterator[SafeString]:
    wanted_side = max(_SMALLEST_SIDE, math.sqrt(width * height / _MOST_TILES))
    columns = max(_FEWEST_COLUMNS, round(width / wanted_side))
    side = width / columns
    for row in range(math.ceil(height / side)):
        for column in range(columns):
            x, y = column * side, row * side
            ground, figure = chance.sample(paints, 2)
            yield rectangle(x, y, side + _OVERLAP, side + _OVERLAP, class_=ground)
            yield path(chance.choice(_SHAPES)(x, y, side), class_=figure)


def _quarter_from_top(x: float, y: float, side: float) -> str:
    s = number(side)
    return f"M{number(x)} {number(y)}h{s}a{s} {s} 0 0 1 {number(-side)} {s}z"


def _quarter_from_bottom(x: float, y: float, side: float) -> str:
    s = number(side)
    return f"M{number(x + side)} {number(y + side)}h{number(-side)}a{s} {s} 0 0 1 {s} {number(-side)}z"


def _disc(x: float, y: float, side: float) -> str:
    return circle_path(x + side / 2, y + side / 2, side * 0.34)


def _triangle(x: float, y: float, side: float) -> str:
    return f"M{number(x)} {number(y + side)}L{number(x + side)} {number(y)}V{number(y + side)}z"


def _dome(x: float, y: float, side: float) -> str:
    half = number(side / 2)
    return f"M{number(x)} {number(y + side / 2)}a{half} {half} 0 0 1 {number(side)} 0z"


def _half_moon(x: float, y: float, side: float) -> str:
    half = number(side / 2)
    return f"M{number(x + side)} {number(y)}v{number(side)}a{half} {half} 0 0 1 0 {number(-side)}z"


def _stripes(x: float, y: float, side: float) -> str:
    return "".join(rectangle_path(x + side * index / 6, y, side / 12, side) for index in range(6))


def _nine_dots(x: float, y: float, side: float) -> str:
    centres = ((x + side * (0.2 + 0.3 * column), y + side * (0.2 + 0.3 * row)) for column in range(3) for row in range(3))
    return "".join(circle_path(*centre, side * 0.06) for centre in centres)


_SHAPES: tuple[TileShape, ...] = (
    _quarter_from_top,
    _quarter_from_bottom,
    _disc,
    _triangle,
    _dome,
    _half_moon,
    _stripes,
    _nine_dots,
)
