"""Six seeded patterns for covers, heroes and bands, in two moods: on the soft brand plane, and on the deep one."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

from django.utils.safestring import SafeString

from themes.engine.art.curves import closed_curve, open_curve
from themes.engine.art.svg import Seed, circle, circle_path, element, joined, number, path, picture, seeded
from themes.engine.art.tiles import tiles
from themes.engine.tokens import Motif

_FULL_TURN = 2 * math.pi
# Covers narrower than this get fewer shapes: their markup is repeated on every card.
_LARGE_WIDTH = 900
_LARGEST_SIDE = 4000
_WAVE_POINTS = 12
# A finer raster than this would weigh more than a photo.
_MOST_DOTS = 320
_FINEST_RASTER = 20


@dataclass(frozen=True, slots=True)
class Mood:
    """The classes that a pattern is painted with."""

    name: str
    ground: str
    pale: str
    vivid: str
    line: str
    accent: str
    stroke: str


SOFT = Mood("soft", "f-brand-soft2", "f-brand-soft", "f-brand-vivid", "f-brandline", "f-accent-vivid", "s-brandline")
DEEP = Mood("deep", "f-deep", "f-deep2", "f-brand-vivid", "f-deepline", "f-accent-vivid", "s-deepline")


@dataclass(frozen=True, slots=True)
class Canvas:
    """What a pattern draws on."""

    width: int
    height: int
    mood: Mood
    chance: random.Random

    @property
    def long_side(self) -> int:
        return max(self.width, self.height)

    @property
    def is_large(self) -> bool:
        return self.width > _LARGE_WIDTH


def motif(
    name: str,
    seed: Seed,
    width: int = 640,
    height: int = 420,
    *,
    dark: bool = False,
    css_class: str = "art",
) -> SafeString:
    """The pattern of a seed; nothing for the motif `none`. An unknown name raises ValueError."""
    if name not in get_args(Motif.__value__):
        message = f"there is no motif {name!r}; choose one of {', '.join(get_args(Motif.__value__))}"
        raise ValueError(message)
    if not (0 < width <= _LARGEST_SIDE and 0 < height <= _LARGEST_SIDE):
        message = f"a motif is 1 to {_LARGEST_SIDE} wide and high, not {width} by {height}"
        raise ValueError(message)
    if name == "none":
        return SafeString()
    shapes = motif_shapes(name, str(seed), width, height, dark=dark)
    return picture(width, height, [shapes], css_class=css_class, preserveAspectRatio="xMidYMid slice")


# Three kilobytes each: a page of pictures for some hundreds of marketplaces, which one process shows in turn.
@lru_cache(maxsize=8192)
def motif_shapes(name: str, seed: str, width: int, height: int, *, dark: bool) -> SafeString:
    """The shapes of a pattern without their frame, ground first."""
    canvas = Canvas(width, height, DEEP if dark else SOFT, seeded("motif", name, seed))
    ground = element("rect", width=width, height=height, class_=canvas.mood.ground)
    return joined([ground, *_PAINTERS[name](canvas)])


def _bubbles(canvas: Canvas) -> Iterator[SafeString]:
    mood, height = canvas.mood, canvas.height
    yield circle(canvas.width * 0.82, height * 0.18, height * 0.62, class_=mood.pale)
    for _ in range(13):
        radius = canvas.chance.choice((0.03, 0.045, 0.06, 0.09, 0.13, 0.19)) * height
        x, y = canvas.chance.uniform(0.03, 0.97) * canvas.width, canvas.chance.uniform(0.05, 0.95) * height
        paint = canvas.chance.choice(_bubble_paints(mood))
        opacity = {mood.vivid: ".8", mood.accent: ".9", "f-surface": ".75"}.get(paint, "1")
        yield circle(x, y, radius, class_=paint, opacity=opacity)
        if radius > 0.08 * height:
            yield _bubble_shine(x, y, radius)


def _bubble_paints(mood: Mood) -> tuple[str, ...]:
    if mood is DEEP:
        return (mood.pale, mood.pale, mood.line, mood.line, mood.line, mood.vivid, mood.accent)
    return (mood.pale, mood.line, mood.line, "f-surface", "f-surface", mood.vivid, mood.accent)


def _bubble_shine(x: float, y: float, radius: float) -> SafeString:
    arc, start = number(radius * 0.56), f"M{number(x - radius * 0.55)} {number(y - radius * 0.1)}"
    return path(
        f"{start}a{arc} {arc} 0 0 1 {number(radius * 0.4)} {number(-radius * 0.44)}",
        fill="none",
        stroke="#fff",
        stroke_opacity=".8",
        stroke_width=max(2.0, radius * 0.09),
        stroke_linecap="round",
    )


def _waves(canvas: Canvas) -> Iterator[SafeString]:
    mood, width, height = canvas.mood, canvas.width, canvas.height
    layers = (
        (mood.pale, "1"),
        (mood.line, ".6"),
        (mood.vivid, ".28"),
        (mood.accent, ".55"),
        (mood.vivid, ".5"),
        (mood.line, ".75"),
        (mood.pale, "1"),
    )
    for index, (paint, opacity) in enumerate(layers):
        level = height * (0.16 + index * 0.145)
        swell, phase = height * canvas.chance.uniform(0.045, 0.11), canvas.chance.uniform(0, _FULL_TURN)
        length = canvas.chance.uniform(0.8, 1.5)
        points = (width * step / _WAVE_POINTS for step in range(_WAVE_POINTS + 1))
        crest = [(x, level + math.sin(x / width * _FULL_TURN * length + phase) * swell) for x in points]
        yield path(f"{open_curve(crest)}V{height}H0z", class_=paint, opacity=opacity)


def _contours(canvas: Canvas) -> Iterator[SafeString]:
    # Large ones stand behind a headline, which begins at the side of the page: their centre keeps away from it.
    nearest = 0.68 if canvas.is_large else 0.58
    x, y = canvas.width * canvas.chance.uniform(nearest, 0.8), canvas.height * canvas.chance.uniform(0.3, 0.6)
    phases = [canvas.chance.uniform(0, _FULL_TURN) for _ in range(3)]
    rings, degrees, spread = (22, 20, 0.034) if canvas.is_large else (13, 24, 0.055)
    highlighted = (5, 6, 7) if canvas.is_large else (3, 4)
    for ring in range(rings, 0, -1):
        radius = ring * canvas.long_side * spread
        swells = (_swell(math.radians(angle), ring, phases) for angle in range(0, 360, degrees))
        points = [(x + across * radius * 1.25, y + down * radius) for across, down in swells]
        stroke, weight, opacity = ("s-brand", "1.6", ".95") if ring in highlighted else (canvas.mood.stroke, "1.1", ".9")
        yield path(closed_curve(points), fill="none", class_=stroke, stroke_width=weight, opacity=opacity)
    yield circle(x, y, 5, class_=canvas.mood.vivid)


def _swell(angle: float, ring: int, phases: list[float]) -> tuple[float, float]:
    """A circle that is not round: three waves around it, which drift a little from ring to ring."""
    swell = 1 + 0.16 * math.sin(2 * angle + phases[0] + ring * 0.05)
    swell += 0.1 * math.sin(3 * angle + phases[1] - ring * 0.07) + 0.05 * math.sin(5 * angle + phases[2])
    return math.cos(angle) * swell, math.sin(angle) * swell


def _dots(canvas: Canvas) -> Iterator[SafeString]:
    """Dots that grow towards one bright corner, as two paths: one of the brand, a few of the accent."""
    step = max(_FINEST_RASTER, math.ceil(math.sqrt(canvas.width * canvas.height / _MOST_DOTS)))
    focus = (canvas.width * canvas.chance.uniform(0.6, 0.9), canvas.height * canvas.chance.uniform(0.1, 0.5))
    largest, dust = step * 0.37, step * 0.035
    drawn: dict[str, list[str]] = {canvas.mood.vivid: [], canvas.mood.accent: []}
    for row in range(canvas.height // step + 1):
        for column in range(canvas.width // step + 1):
            point = (column * step, row * step)
            radius = largest * (1 - math.dist(point, focus) / canvas.long_side * 1.45)
            is_accent = (column * 7 + row * 3) % 11 == 0
            if radius > dust:
                drawn[canvas.mood.accent if is_accent else canvas.mood.vivid].append(circle_path(*point, radius))
    for paint, dots in drawn.items():
        yield path("".join(dots), class_=paint, opacity=".9")


def _rays(canvas: Canvas) -> Iterator[SafeString]:
    x, y, reach, count = canvas.width * 0.72, canvas.height * 1.02, canvas.long_side * 1.3, 18
    turn = canvas.chance.uniform(0, math.pi / count)
    for index in range(count):
        tips = [turn + math.pi * (index + end) / count for end in (0, 0.55)]
        corners = "L".join(f"{number(x - math.cos(tip) * reach)} {number(y - math.sin(tip) * reach)}" for tip in tips)
        paint = canvas.mood.line if index % 2 else canvas.mood.pale
        yield path(f"M{number(x)} {number(y)}L{corners}z", class_=paint)
    yield circle(x, y, canvas.height * 0.36, class_=canvas.mood.vivid)
    yield circle(x, y, canvas.height * 0.22, class_=canvas.mood.accent)


def _tiles(canvas: Canvas) -> Iterator[SafeString]:
    mood = canvas.mood
    contrast_tile = "f-brand-soft2" if mood is DEEP else "f-deep2"
    paints = (mood.vivid, mood.accent, mood.line, "f-paper", mood.pale, mood.ground, contrast_tile)
    return tiles(canvas.width, canvas.height, canvas.chance, paints)


_PAINTERS: Mapping[str, Callable[[Canvas], Iterator[SafeString]]] = {
    "bubbles": _bubbles,
    "tiles": _tiles,
    "contours": _contours,
    "waves": _waves,
    "dots": _dots,
    "rays": _rays,
}
