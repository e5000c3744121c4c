"""From the brand to a whole palette, once for light and once for dark, with every contrast solved rather than checked.

Planes and lines are neutrals tinted by the brand. Fills keep the brand's exact colour where text on it can be read and
move as little as possible where it cannot. Text, borders and charts are solved against every plane they may stand on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from themes.engine.color import MARGIN, WHITE, Hex, Oklch, contrast, hex_to_oklch, oklch_to_hex, solve
from themes.engine.recipes import (
    CHART_CHROMA,
    CHART_OFFSETS,
    GREY_BRAND_CHART_HUE,
    RECIPES,
    STAR,
    STATUS_COLORS,
    SchemeName,
    Tone,
)
from themes.engine.tokens import ContrastLevel, ThemeTokens

type Palette = Mapping[str, Hex]
"""Colour name, as in `--c-<name>`, to its hex value in one scheme."""

PLANES = ("bg", "surface", "surface-2", "surface-3")
TINTED_PLANES = ("wash-1", "wash-2", "brand-soft", "accent-soft")
STATUS_NAMES = ("ok", "warn", "bad", "info")
TONE_NAMES = ("brand", "accent", *STATUS_NAMES)

# A brand with less chroma than this is a grey: its hue means nothing, so neutrals stay pure and accents get their own.
_GREY_BRAND_CHROMA = 0.02
# Darkening a fill by more than this would make it another colour; dark text is then the smaller change.
_LARGEST_DARKENING = 0.115
# Up to here a shadow is less than a tenth of the ink: it deepens an edge, and draws none.
_FAINT_ELEVATION = 1
# On a dark page a fill below this lightness would vanish.
_DARKEST_FILL_ON_DARK = 0.55


@dataclass(frozen=True, slots=True)
class Targets:
    """WCAG ratios to reach: running text, and the edges of controls."""

    text: float
    control: float


TARGETS: Mapping[ContrastLevel, Targets] = {"AA": Targets(text=4.5, control=3.0), "AAA": Targets(text=7.0, control=4.5)}
CHART_TARGET = 3.0
LINE_TARGETS: Mapping[str, float] = {"line": 1.4, "line-2": 1.85}
"""What the eye needs to see the edge of a card, and that of a button, on a light page without shadows. Edges that tell a
control from the page by themselves (`ctl`) are held to WCAG's 3:1 in every theme."""


def derive_palette(tokens: ThemeTokens, scheme: SchemeName) -> Palette:
    """All published colours of one scheme."""
    return _Derivation(tokens, scheme).run()


class _Derivation:
    """One palette in the making: each step adds colours that later steps are solved against."""

    def __init__(self, tokens: ThemeTokens, scheme: SchemeName) -> None:
        self.tokens = tokens
        self.is_dark = scheme == "dark"
        self.recipe = RECIPES[scheme]
        self.targets = TARGETS[tokens.contrast]
        self.brand = hex_to_oklch(tokens.brand)
        self.is_grey = self.brand.chroma < _GREY_BRAND_CHROMA
        self.neutral_chroma = 0.0 if self.is_grey else 0.020 * tokens.tint / 100
        self.accent_hex = tokens.accent or derived_accent(tokens.brand)
        self.colors: dict[str, Hex] = {}

    def run(self) -> Palette:
        self._add_neutrals()
        self._add_washes()
        for name, base in self._bases().items():
            self._add_tones(name, base)
        self._add_text()
        for name, base in self._bases().items():
            self._add_fill(name, base)
            self._add_tinted_text(name, base)
        self._add_brand_details()
        self._add_deep_plane()
        self._add_charts()
        return self.colors

    def _bases(self) -> dict[str, Hex]:
        status = {name: oklch_to_hex(self._harmonized(color)) for name, color in STATUS_COLORS.items()}
        return {"brand": self.tokens.brand, "accent": self.accent_hex, **status}

    def _harmonized(self, color: Oklch) -> Oklch:
        """A status hue leans to the brand by 12 degrees at most: related, and still red, green, amber or blue."""
        if self.is_grey:
            return color
        distance = (self.brand.hue - color.hue + 180) % 360 - 180
        return color._replace(hue=(color.hue + max(-12.0, min(12.0, distance * 0.25))) % 360)

    def _named(self, *names: str) -> list[Hex]:
        return [self.colors[name] for name in names]

    def _solved_away(self, start: Oklch, planes: list[Hex], target: float) -> Hex:
        return solve(start, against=planes, target=target, direction=self.recipe.away)

    def _neutral(self, lightness: float, chroma_share: float) -> Oklch:
        return Oklch(lightness, self.neutral_chroma * chroma_share, self.brand.hue)

    def _add_neutrals(self) -> None:
        for name, step in self.recipe.neutrals.items():
            self.colors[name] = oklch_to_hex(self._neutral(step.lightness, step.chroma_share))
        if self.tokens.elevation <= _FAINT_ELEVATION and not self.is_dark:
            self._strengthen_lines()

    def _strengthen_lines(self) -> None:
        """Where shadows are faint, and pages and cards nearly one white, lines alone draw the edges of things."""
        planes = self._named("bg", "surface", "surface-2")
        for name, target in LINE_TARGETS.items():
            step = self.recipe.neutrals[name]
            self.colors[name] = self._solved_away(self._neutral(step.lightness, step.chroma_share), planes, target)

    def _add_washes(self) -> None:
        """The two soft ends of a hero's gradient: one of the brand, one of the accent."""
        self.colors["wash-1"] = self.recipe.washes["wash-1"].of(self.brand)
        self.colors["wash-2"] = self.recipe.washes["wash-2"].of(hex_to_oklch(self.accent_hex))

    def _add_tones(self, name: str, base: Hex) -> None:
        color = hex_to_oklch(base)
        color = color._replace(chroma=min(color.chroma, 0.19))
        for suffix, tone in self.recipe.tones.items():
            self.colors[f"{name}-{suffix}"] = tone.of(color)

    def _add_text(self) -> None:
        grounds = self._named(*PLANES, *TINTED_PLANES)
        for name, text in self.recipe.texts.items():
            start = self._neutral(text.lightness, text.chroma_share)
            self.colors[name] = self._solved_away(start, grounds, max(text.least_ratio, self.targets.text))
        edge = self._neutral(self.recipe.control_edge, 1.6)
        self.colors["ctl"] = self._solved_away(edge, self._named(*PLANES), self.targets.control)

    def _add_fill(self, name: str, base: Hex) -> None:
        """A solid fill, the text on it, and its hover and press, which move away from the text: contrast only grows."""
        fill, text = self._readable_fill(self._lifted_on_dark(base))
        color = hex_to_oklch(fill)
        step, hover_chroma, press_chroma = (-1, 0.96, 0.92) if text == WHITE else (1, 0.98, 0.95)
        self.colors[name] = fill
        self.colors[f"on-{name}"] = text
        self.colors[f"{name}-hover"] = oklch_to_hex(_shifted(color, 0.045 * step, hover_chroma))
        self.colors[f"{name}-press"] = oklch_to_hex(_shifted(color, 0.085 * step, press_chroma))

    def _lifted_on_dark(self, base: Hex) -> Hex:
        color = hex_to_oklch(base)
        if not self.is_dark or color.lightness >= _DARKEST_FILL_ON_DARK:
            return base
        start = color._replace(lightness=max(color.lightness, 0.52))
        return solve(start, against=self._named("bg", "surface"), target=3.0, direction="lighter")

    def _readable_fill(self, base: Hex) -> tuple[Hex, Hex]:
        """The fill and its text colour, by the smallest change that can be read."""
        target = self.targets.text
        if _passes(WHITE, base, target):
            return base, WHITE
        color = hex_to_oklch(base)
        ink = oklch_to_hex(Oklch(0.20, min(color.chroma, 0.045), color.hue))
        ink_is_readable = _passes(ink, base, target)
        darkened = solve(color, against=[WHITE], target=target, direction="darker")
        is_small_change = color.lightness - hex_to_oklch(darkened).lightness <= _LARGEST_DARKENING
        if not self.is_dark and (is_small_change or not ink_is_readable):
            return darkened, WHITE
        if ink_is_readable:
            return base, ink
        return solve(color, against=[ink], target=target, direction="lighter"), ink

    def _add_tinted_text(self, name: str, base: Hex) -> None:
        """Links and text in a hue, readable on every plane and on the hue's own soft surfaces."""
        color = hex_to_oklch(base)
        pick = max if self.is_dark else min
        start = Oklch(
            pick(color.lightness, self.recipe.tinted_text),
            min(color.chroma, self.recipe.tinted_text_chroma),
            color.hue,
        )
        grounds = self._named(*PLANES, "wash-1", "wash-2", f"{name}-soft", f"{name}-soft-2")
        self.colors[f"{name}-ink"] = self._solved_away(start, grounds, self.targets.text)

    def _add_brand_details(self) -> None:
        """Edges that keep a pale fill visible, the untouched colours for artwork, the focus ring, the stars."""
        for name, base in (("brand", self.tokens.brand), ("accent", self.accent_hex)):
            fill = hex_to_oklch(self.colors[name])
            self.colors[f"{name}-edge"] = self._edge_of(self.colors[name], fill)
            self.colors[f"{name}-vivid"] = base
        chroma = 0.0 if self.is_grey else max(self.brand.chroma, 0.12)
        start = Oklch(self.recipe.focus, chroma, self.brand.hue)
        self.colors["focus"] = self._solved_away(start, self._named(*PLANES, "brand-soft", "brand-soft-2"), 3.0)
        self.colors["star"] = oklch_to_hex(STAR)

    def _edge_of(self, fill: Hex, color: Oklch) -> Hex:
        planes = self._named(*PLANES)
        if all(_passes(fill, plane, self.targets.control) for plane in planes):
            return fill
        return self._solved_away(color, planes, self.targets.control)

    def _add_deep_plane(self) -> None:
        """A dark, brand-tinted plane for bands, footers and the head of an e-mail; the same idea in both schemes."""
        lightness, (_, chroma, hue) = self.recipe.deep, self.brand
        self.colors["deep"] = Tone(lightness, 0.085, 0.55).of(self.brand)
        self.colors["deep-2"] = Tone(lightness + 0.065, 0.10, 0.65).of(self.brand)
        self.colors["deep-line"] = Tone(lightness + 0.15, 0.09, 0.60).of(self.brand)
        deep = self._named("deep", "deep-2")
        starts = {
            "on-deep": (Oklch(0.985, min(self.neutral_chroma, 0.01), hue), 7.0),
            "on-deep-2": (Oklch(0.82, min(chroma * 0.25, 0.04), hue), 5.5),
            "deep-brand": (Oklch(max(self.brand.lightness, 0.76), min(chroma, 0.16), hue), 4.5),
        }
        for name, (start, least) in starts.items():
            self.colors[name] = solve(start, against=deep, target=max(least, self.targets.text), direction="lighter")

    def _add_charts(self) -> None:
        base_hue = GREY_BRAND_CHART_HUE if self.is_grey else self.brand.hue
        planes = self._named(*PLANES)
        for number, (hue_offset, lightness_offset) in enumerate(CHART_OFFSETS, start=1):
            chroma = 0.0 if self.is_grey and number == 1 else CHART_CHROMA
            lightness = self.recipe.chart + lightness_offset * self.recipe.chart_spread
            start = Oklch(lightness, chroma, (base_hue + hue_offset) % 360)
            self.colors[f"chart-{number}"] = self._solved_away(start, planes, CHART_TARGET)


def derived_accent(brand: Hex) -> Hex:
    """The accent of a theme that names none: across the colour wheel, light and clear."""
    color = hex_to_oklch(brand)
    lightness = 0.72 if color.chroma < _GREY_BRAND_CHROMA else 0.80
    return oklch_to_hex(Oklch(lightness, 0.14, (color.hue + 150) % 360))


def _passes(text: Hex, ground: Hex, target: float) -> bool:
    return contrast(text, ground) >= target + MARGIN


def _shifted(color: Oklch, lightness: float, chroma_factor: float) -> Oklch:
    return Oklch(color.lightness + lightness, color.chroma * chroma_factor, color.hue)
