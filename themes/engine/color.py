"""Colour maths: sRGB and OKLCH, gamut mapping, WCAG contrast, and the solver that finds a readable lightness.

Every decision is taken on the rounded 8-bit colour that is really published, so no pair can miss its target by rounding.
Sources: Björn Ottosson's OKLab matrices; WCAG 2.2 relative luminance and contrast ratio; APCA-W3 0.1.9.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

type Hex = str
"""A lower-case `#rrggbb`."""

type Direction = Literal["darker", "lighter", "either"]

WHITE: Hex = "#ffffff"
BLACK: Hex = "#000000"

# A hair above each target, so that a later rounding or a colour-managed display cannot dip below it.
MARGIN = 0.02

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_SHORT_LENGTH = 3
_SEARCH_STEPS = 12
_CLOSE_ENOUGH = 0.003
_GAMUT_STEPS = 10
_GAMUT_SLACK = 1e-4
_GREY_CHROMA = 1e-4


class Rgb(NamedTuple):
    """Red, green and blue, each 0..255."""

    red: int
    green: int
    blue: int


class Oklch(NamedTuple):
    """Perceived lightness 0..1, chroma 0..about 0.37, hue in degrees."""

    lightness: float
    chroma: float
    hue: float


class UnsolvableContrastError(ValueError):
    """No lightness of this hue is readable on all the given backgrounds."""


def normalize_hex(text: str) -> Hex:
    """`#rgb` or `#rrggbb` in any case as `#rrggbb`; anything else raises ValueError."""
    if not _HEX.fullmatch(text):
        message = f"not a colour of the form #rgb or #rrggbb: {text!r}"
        raise ValueError(message)
    digits = text[1:].lower()
    if len(digits) == _SHORT_LENGTH:
        digits = "".join(digit * 2 for digit in digits)
    return f"#{digits}"


@lru_cache(maxsize=65536)
def hex_to_rgb(color: Hex) -> Rgb:
    return Rgb(int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16))


def rgb_to_hex(rgb: Rgb) -> Hex:
    return f"#{rgb.red:02x}{rgb.green:02x}{rgb.blue:02x}"


def _decode(channel: float) -> float:
    """A gamma-encoded channel 0..1 as linear light."""
    threshold = 0.04045
    return channel / 12.92 if channel <= threshold else ((channel + 0.055) / 1.055) ** 2.4


# Only 256 channels exist, so the solver's inner loop looks light up instead of raising it to a power.
_LINEAR = tuple(_decode(value / 255) for value in range(256))
_HALF_WAY = tuple(_decode((value + 0.5) / 255) for value in range(255))


def _encode(light: float) -> int:
    """Linear light as the nearest gamma-encoded channel 0..255; what lies outside is clipped."""
    return bisect_right(_HALF_WAY, light)


def _luminance(rgb: Rgb) -> float:
    return 0.2126 * _LINEAR[rgb.red] + 0.7152 * _LINEAR[rgb.green] + 0.0722 * _LINEAR[rgb.blue]


@lru_cache(maxsize=65536)
def luminance(color: Hex) -> float:
    """WCAG relative luminance, 0 (black) to 1 (white)."""
    return _luminance(hex_to_rgb(color))


def _ratio(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def contrast(one: Hex, other: Hex) -> float:
    """WCAG contrast ratio, 1 to 21."""
    return _ratio(luminance(one), luminance(other))


@lru_cache(maxsize=65536)
def hex_to_oklch(color: Hex) -> Oklch:
    red, green, blue = (_LINEAR[channel] for channel in hex_to_rgb(color))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    chroma = math.hypot(a, b)
    hue = math.degrees(math.atan2(b, a)) % 360 if chroma > _GREY_CHROMA else 0.0
    return Oklch(lightness, chroma, hue)


class _HuePlane:
    """All colours of one hue. The trigonometry is done once, so that a search over lightness stays cheap."""

    __slots__ = ("_long", "_medium", "_short")

    def __init__(self, hue: float) -> None:
        a, b = math.cos(math.radians(hue)), math.sin(math.radians(hue))
        self._long = 0.3963377774 * a + 0.2158037573 * b
        self._medium = -0.1055613458 * a - 0.0638541728 * b
        self._short = -0.0894841775 * a - 1.2914855480 * b

    def rgb(self, lightness: float, chroma: float) -> Rgb:
        """The nearest colour that a screen can show: chroma gives way, lightness and hue stay."""
        if lightness <= 0:
            return Rgb(0, 0, 0)
        if lightness >= 1:
            return Rgb(255, 255, 255)
        red, green, blue = self._linear(lightness, self._chroma_in_gamut(lightness, chroma))
        return Rgb(_encode(red), _encode(green), _encode(blue))

    def _chroma_in_gamut(self, lightness: float, chroma: float) -> float:
        if self._is_in_gamut(lightness, chroma):
            return chroma
        low, high = 0.0, chroma
        for _ in range(_GAMUT_STEPS):
            middle = (low + high) / 2
            if self._is_in_gamut(lightness, middle):
                low = middle
            else:
                high = middle
        return low

    def _is_in_gamut(self, lightness: float, chroma: float) -> bool:
        red, green, blue = self._linear(lightness, chroma)
        return min(red, green, blue) >= -_GAMUT_SLACK and max(red, green, blue) <= 1 + _GAMUT_SLACK

    def _linear(self, lightness: float, chroma: float) -> tuple[float, float, float]:
        long = lightness + self._long * chroma
        medium = lightness + self._medium * chroma
        short = lightness + self._short * chroma
        # Written out: the innermost loop of every theme, where raising to a power costs three times as much.
        long, medium, short = long * long * long, medium * medium * medium, short * short * short
        return (
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        )


@lru_cache(maxsize=4096)
def _hue_plane(hue: float) -> _HuePlane:
    return _HuePlane(hue)


def oklch_to_hex(color: Oklch) -> Hex:
    """The published colour: chroma is reduced where the screen cannot show it, so that lightness stays predictable."""
    return rgb_to_hex(_hue_plane(color.hue).rgb(color.lightness, color.chroma))


def solve(start: Oklch, *, against: Sequence[Hex], target: float, direction: Direction = "either") -> Hex:
    """The colour of the same hue whose lightness is nearest to `start` and whose contrast with every colour in
    `against` is at least `target`: darker than all of them, or lighter than all.

    Raises UnsolvableContrastError when even black or white is not enough, as on backgrounds at both ends.
    """
    plane = _hue_plane(start.hue)
    backgrounds = [luminance(color) for color in against]
    need = target + MARGIN
    own = _luminance(plane.rgb(start.lightness, start.chroma))
    if all(_ratio(own, other) >= need for other in backgrounds):
        return oklch_to_hex(start)

    def brightness(lightness: float) -> float:
        return math.cbrt(_luminance(plane.rgb(lightness, start.chroma)))

    found: list[float] = []
    given = math.cbrt(own)
    darkest = (min(backgrounds) + 0.05) / need - 0.05
    if direction != "lighter" and darkest >= 0:
        limit = math.cbrt(darkest)
        fails, passes = (start.lightness, given - limit), (0.0, -limit)
        found.append(_nearest_passing(fails, passes, lambda lightness: brightness(lightness) - limit))
    lightest = (max(backgrounds) + 0.05) * need - 0.05
    if direction != "darker" and lightest <= 1:
        floor = math.cbrt(lightest)
        fails, passes = (start.lightness, floor - given), (1.0, floor - 1.0)
        found.append(_nearest_passing(fails, passes, lambda lightness: floor - brightness(lightness)))
    if not found:
        message = f"no lightness reaches {target}:1 against {', '.join(against)}"
        raise UnsolvableContrastError(message)
    nearest = min(found, key=lambda lightness: abs(lightness - start.lightness))
    return oklch_to_hex(start._replace(lightness=nearest))


type _Tried = tuple[float, float]
"""A lightness, and by how much the cube root of its luminance misses the limit; it passes at zero and below."""


def _nearest_passing(fails: _Tried, passes: _Tried, excess: Callable[[float], float]) -> float:
    """Close in on the lightness where `excess` falls to zero, and return one that was itself found to pass.

    The cube root of luminance is almost straight over lightness, so aiming along the chord takes three or four tries
    where halving takes a dozen.
    """
    (failing, over), (passing, under) = fails, passes
    if over <= 0:
        return failing
    for _ in range(_SEARCH_STEPS):
        if under > -_CLOSE_ENOUGH or abs(passing - failing) < _CLOSE_ENOUGH:
            break
        share = over / (over - under) + _CLOSE_ENOUGH / 2
        aimed = failing + (passing - failing) * min(share, 0.95)
        missed = excess(aimed)
        if missed > 0:
            failing, over = aimed, missed
        else:
            passing, under = aimed, missed
    return passing


def mix(one: Hex, other: Hex, share: float) -> Hex:
    """The colour on the way from `one` to `other` in OKLab, as CSS `color-mix(in oklab, …)` does; share 0 is `one`."""
    lightness, a, b = (start + (end - start) * share for start, end in zip(_oklab(one), _oklab(other), strict=True))
    return oklch_to_hex(Oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360))


def color_distance(one: Hex, other: Hex) -> float:
    """Delta E in OKLab: about 0.02 is just noticeable."""
    return math.dist(_oklab(one), _oklab(other))


def _oklab(color: Hex) -> tuple[float, float, float]:
    lightness, chroma, hue = hex_to_oklch(color)
    return lightness, chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))


def perceptual_contrast(text: Hex, background: Hex) -> float:
    """APCA lightness contrast, 0 to about 108, negative for light text. Advice only: WCAG is what gates."""
    ink, paper = _apca_luminance(text), _apca_luminance(background)
    noise_floor, offset = 0.1, 0.027
    if paper > ink:
        normal = (paper**0.56 - ink**0.57) * 1.14
        return 0.0 if normal < noise_floor else (normal - offset) * 100
    reverse = (paper**0.65 - ink**0.62) * 1.14
    return 0.0 if reverse > -noise_floor else (reverse + offset) * 100


def _apca_luminance(color: Hex) -> float:
    red, green, blue = (channel / 255 for channel in hex_to_rgb(color))
    value = 0.2126729 * red**2.4 + 0.7151522 * green**2.4 + 0.0721750 * blue**2.4
    black_level = 0.022
    return float(value if value >= black_level else value + (black_level - value) ** 1.414)
