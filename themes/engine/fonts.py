"""The nine fonts a theme may choose, with the figures of a local stand-in that has the same measure.

The metrics were computed from the font files (fontTools): the stand-in takes the width of a letter-frequency weighted
sample and the vertical extent of the real font, so that nothing moves when the download arrives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

type FontCategory = Literal["sans", "display", "serif"]


@dataclass(frozen=True, slots=True)
class FallbackMetrics:
    """How a local font is stretched to stand in for the real one; all in per cent."""

    size_adjust: float
    ascent: float
    descent: float


@dataclass(frozen=True, slots=True)
class Font:
    """One font of the closed list. `file` is None for the visitor's own system font, which costs no download."""

    name: str
    family: str
    generic: str
    category: FontCategory
    file: str | None
    weights: str
    heading_weight: int
    tracking_em: float
    heading_leading: float
    metrics: FallbackMetrics | None
    italic_file: str | None = None
    is_for_text: bool = True

    @property
    def stack(self) -> str:
        """The CSS `font-family` value."""
        if self.file is None:
            return self.generic
        return f'"{self.family}","{self.family} Fallback",{self.generic}'

    @property
    def local_stand_ins(self) -> tuple[str, ...]:
        return _SERIF_STAND_INS if self.category == "serif" else _SANS_STAND_INS


_SANS_STAND_INS = ("Arial", "Liberation Sans", "Arimo")
_SERIF_STAND_INS = ("Georgia", "Gelasio", "DejaVu Serif")

_SYSTEM = Font(
    name="system",
    family="",
    generic='system-ui,-apple-system,"Segoe UI",Roboto,sans-serif',
    category="sans",
    file=None,
    weights="",
    heading_weight=680,
    tracking_em=-0.022,
    heading_leading=1.08,
    metrics=None,
)
_FIGTREE = Font(
    name="figtree",
    family="Figtree",
    generic="sans-serif",
    category="sans",
    file="figtree.woff2",
    weights="300 900",
    heading_weight=700,
    tracking_em=-0.022,
    heading_leading=1.08,
    metrics=FallbackMetrics(size_adjust=101.21, ascent=93.86, descent=24.70),
)
_INTER = Font(
    name="inter",
    family="Inter",
    generic="sans-serif",
    category="sans",
    file="inter.woff2",
    weights="100 900",
    heading_weight=680,
    tracking_em=-0.028,
    heading_leading=1.08,
    metrics=FallbackMetrics(size_adjust=107.26, ascent=90.31, descent=22.49),
)
_GEIST = Font(
    name="geist",
    family="Geist",
    generic="sans-serif",
    category="sans",
    file="geist.woff2",
    weights="100 900",
    heading_weight=600,
    tracking_em=-0.035,
    heading_leading=1.08,
    metrics=FallbackMetrics(size_adjust=105.45, ascent=95.30, descent=27.97),
)
_JAKARTA = Font(
    name="jakarta",
    family="Plus Jakarta Sans",
    generic="sans-serif",
    category="sans",
    file="jakarta.woff2",
    weights="200 800",
    heading_weight=750,
    tracking_em=-0.028,
    heading_leading=1.08,
    metrics=FallbackMetrics(size_adjust=105.02, ascent=98.84, descent=21.14),
)
_BRICOLAGE = Font(
    name="bricolage",
    family="Bricolage Grotesque",
    generic="sans-serif",
    category="display",
    file="bricolage.woff2",
    weights="200 800",
    heading_weight=720,
    tracking_em=-0.03,
    heading_leading=1.08,
    metrics=FallbackMetrics(size_adjust=110.93, ascent=83.84, descent=24.34),
    is_for_text=False,
)
_SOURCE_SERIF = Font(
    name="source-serif",
    family="Source Serif 4",
    generic="Georgia,serif",
    category="serif",
    file="source-serif.woff2",
    weights="200 900",
    heading_weight=600,
    tracking_em=-0.015,
    heading_leading=1.12,
    metrics=FallbackMetrics(size_adjust=106.74, ascent=97.06, descent=31.38),
)
_NEWSREADER = Font(
    name="newsreader",
    family="Newsreader",
    generic="Georgia,serif",
    category="serif",
    file="newsreader.woff2",
    weights="200 800",
    heading_weight=500,
    tracking_em=-0.02,
    heading_leading=1.12,
    metrics=FallbackMetrics(size_adjust=96.75, ascent=75.97, descent=27.39),
    is_for_text=False,
)
_INSTRUMENT_SERIF = Font(
    name="instrument-serif",
    family="Instrument Serif",
    generic="Georgia,serif",
    category="serif",
    file="instrument-serif.woff2",
    weights="400",
    heading_weight=400,
    tracking_em=-0.018,
    heading_leading=1.02,
    metrics=FallbackMetrics(size_adjust=75.63, ascent=130.91, descent=40.99),
    italic_file="instrument-serif-italic.woff2",
    is_for_text=False,
)

FONTS: dict[str, Font] = {
    font.name: font
    for font in (
        _SYSTEM,
        _FIGTREE,
        _INTER,
        _GEIST,
        _JAKARTA,
        _BRICOLAGE,
        _SOURCE_SERIF,
        _NEWSREADER,
        _INSTRUMENT_SERIF,
    )
}
TEXT_FONTS: tuple[str, ...] = tuple(font.name for font in FONTS.values() if font.is_for_text)


def chosen_fonts(heading: str, body: str) -> tuple[Font, ...]:
    """The fonts of a theme, body first, each once."""
    return tuple(FONTS[name] for name in dict.fromkeys((body, heading)))


def font_files(heading: str, body: str) -> tuple[str, ...]:
    """The files worth preloading: upright faces of the chosen fonts, body first. Empty for the system font."""
    return tuple(font.file for font in chosen_fonts(heading, body) if font.file is not None)
