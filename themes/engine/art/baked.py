"""The colours behind the art's classes in one palette: for pictures that leave the page, such as share images and mail."""

from __future__ import annotations

from collections.abc import Mapping

from themes.engine.color import WHITE, mix
from themes.engine.derive import Palette

_FILLS: Mapping[str, str] = {
    "f-brand": "brand",
    "f-on-brand": "on-brand",
    "f-brand-soft": "brand-soft",
    "f-brand-soft2": "brand-soft-2",
    "f-brandline": "brand-line",
    "f-brand-vivid": "brand-vivid",
    "f-accent-vivid": "accent-vivid",
    "f-accent-soft2": "accent-soft-2",
    "f-surface": "surface",
    "f-deep": "deep",
    "f-deep2": "deep-2",
    "f-deepline": "deep-line",
    "f-wash1": "wash-1",
    "f-c3": "chart-3",
    "f-c5": "chart-5",
}
_STROKES: Mapping[str, str] = {"s-brand": "brand-vivid", "s-brandline": "brand-line", "s-deepline": "deep-line"}
_TINTS: Mapping[str, str] = {"f-c1s": "chart-1", "f-c3s": "chart-3", "f-c5s": "chart-5"}
_TINT_SHARE = 0.2


def art_stylesheet(palette: Palette) -> str:
    """CSS that gives every class of the generated art its literal colour."""
    rules = [f".{name}{{fill:{palette[color]}}}" for name, color in _FILLS.items()]
    rules += [f".{name}{{stroke:{palette[color]}}}" for name, color in _STROKES.items()]
    rules += [f".{name}{{fill:{mix(palette['surface'], palette[color], _TINT_SHARE)}}}" for name, color in _TINTS.items()]
    return "".join((*rules, f".f-paper{{fill:{WHITE}}}"))
