"""Exports a theme as `tokens.json` in the Design Tokens Format (2025.10), for design tools and other platforms."""

from __future__ import annotations

from typing import Any

from themes.engine.color import Hex, hex_to_rgb
from themes.engine.derive import Palette
from themes.engine.fonts import FONTS
from themes.engine.stylesheet import CompiledTheme

# Any: the format is nested JSON of mixed depth.
type Json = dict[str, Any]

_EXTENSION = "org.stoa.theme"


def export_design_tokens(theme: CompiledTheme) -> Json:
    """Both palettes, the radius and the fonts; the 14 inputs travel as an extension, so that nothing is lost."""
    tokens = theme.tokens
    return {
        "color": {"$type": "color", "light": _colors(theme.light), "dark": _colors(theme.dark)},
        "radius": {"$type": "dimension", "md": {"$value": {"value": tokens.radius, "unit": "px"}}},
        "font": {
            "$type": "fontFamily",
            "heading": {"$value": [FONTS[tokens.font_heading].family or "system-ui"]},
            "body": {"$value": [FONTS[tokens.font_body].family or "system-ui"]},
        },
        "$extensions": {_EXTENSION: tokens.as_mapping()},
    }


def _colors(palette: Palette) -> Json:
    return {name: {"$value": _color(color)} for name, color in palette.items()}


def _color(color: Hex) -> Json:
    return {
        "colorSpace": "srgb",
        "components": [round(channel / 255, 5) for channel in hex_to_rgb(color)],
        "hex": color,
    }
