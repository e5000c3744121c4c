"""The fixed figures of a light and of a dark page, from which a brand's palette is derived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from themes.engine.color import Direction, Hex, Oklch, oklch_to_hex

type SchemeName = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Step:
    """A neutral: its lightness, and its share of the theme's neutral chroma."""

    lightness: float
    chroma_share: float


@dataclass(frozen=True, slots=True)
class Tone:
    """A tinted surface or line of a hue: lightness, greatest chroma, share of the hue's own chroma."""

    lightness: float
    chroma_limit: float
    chroma_share: float

    def of(self, color: Oklch) -> Hex:
        chroma = min(self.chroma_limit, color.chroma * self.chroma_share)
        return oklch_to_hex(Oklch(self.lightness, chroma, color.hue))


@dataclass(frozen=True, slots=True)
class TextStep:
    """A text colour: where its search starts, its share of neutral chroma, and the least contrast it wants."""

    lightness: float
    chroma_share: float
    least_ratio: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """The fixed figures of one scheme."""

    away: Direction
    neutrals: Mapping[str, Step]
    texts: Mapping[str, TextStep]
    control_edge: float
    tones: Mapping[str, Tone]
    washes: Mapping[str, Tone]
    tinted_text: float
    tinted_text_chroma: float
    focus: float
    deep: float
    chart: float
    chart_spread: float


_LIGHT = Recipe(
    away="darker",
    neutrals={
        "bg": Step(0.992, 0.35),
        "surface": Step(1.0, 0.0),
        "surface-2": Step(0.972, 0.7),
        "surface-3": Step(0.945, 0.9),
        "line": Step(0.912, 1.1),
        "line-2": Step(0.845, 1.2),
    },
    texts={"ink": TextStep(0.205, 1.6, 12.0), "ink-2": TextStep(0.42, 1.6, 6.5), "ink-3": TextStep(0.56, 1.5, 4.5)},
    control_edge=0.68,
    tones={"soft": Tone(0.962, 0.030, 0.30), "soft-2": Tone(0.925, 0.055, 0.50), "line": Tone(0.86, 0.085, 0.70)},
    washes={"wash-1": Tone(0.955, 0.045, 0.28), "wash-2": Tone(0.965, 0.045, 0.28)},
    tinted_text=0.60,
    tinted_text_chroma=0.4,
    focus=0.55,
    deep=0.235,
    chart=0.60,
    chart_spread=1.0,
)
_DARK = Recipe(
    away="lighter",
    neutrals={
        "bg": Step(0.155, 1.0),
        "surface": Step(0.190, 1.05),
        "surface-2": Step(0.225, 1.1),
        "surface-3": Step(0.265, 1.15),
        "line": Step(0.285, 1.15),
        "line-2": Step(0.37, 1.2),
    },
    texts={"ink": TextStep(0.965, 1.6, 12.0), "ink-2": TextStep(0.80, 1.6, 6.5), "ink-3": TextStep(0.66, 1.5, 4.5)},
    control_edge=0.50,
    tones={"soft": Tone(0.262, 0.042, 0.30), "soft-2": Tone(0.315, 0.058, 0.38), "line": Tone(0.42, 0.085, 0.55)},
    washes={"wash-1": Tone(0.20, 0.05, 0.35), "wash-2": Tone(0.185, 0.045, 0.30)},
    tinted_text=0.74,
    tinted_text_chroma=0.17,
    focus=0.78,
    deep=0.20,
    chart=0.72,
    chart_spread=0.7,
)
RECIPES: Mapping[SchemeName, Recipe] = {"light": _LIGHT, "dark": _DARK}

STATUS_COLORS: Mapping[str, Oklch] = {
    "ok": Oklch(0.60, 0.16, 152.0),
    "warn": Oklch(0.74, 0.15, 75.0),
    "bad": Oklch(0.60, 0.16, 25.0),
    "info": Oklch(0.60, 0.16, 245.0),
}
STAR = Oklch(0.80, 0.165, 78.0)
# Hue and lightness offsets of the six chart colours: neighbours differ in both, for people who see hue poorly.
CHART_OFFSETS = ((0, 0.0), (150, 0.09), (60, -0.08), (255, 0.05), (105, -0.04), (320, 0.1))
CHART_CHROMA = 0.145
GREY_BRAND_CHART_HUE = 255.0
