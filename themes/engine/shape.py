"""The properties of a theme that are not colours: type, corners, space, depth and fonts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from themes.engine.color import Oklch, hex_to_oklch, hex_to_rgb, oklch_to_hex
from themes.engine.fonts import FONTS
from themes.engine.tokens import Density, ThemeTokens, TypeScale

_ROOT_PX = 16
# The two window widths between which type grows.
_NARROW_PX, _WIDE_PX = 390, 1440
_SCALE_NAMES = ("lg", "xl", "2xl", "3xl", "4xl", "5xl")
# The two largest steps open a little further on wide windows: display type wants air.
_DISPLAY_STEP, _DISPLAY_BOOST = 5, 1.03


@dataclass(frozen=True, slots=True)
class _Ratios:
    """How much larger each type step is than the one before, on phones and on wide windows."""

    narrow: float
    wide: float


@dataclass(frozen=True, slots=True)
class _Room:
    """What a density means: text size, size of the space unit, height of a control."""

    text_px: float
    unit_px: float
    control_px: int


_RATIOS: Mapping[TypeScale, _Ratios] = {
    "compact": _Ratios(1.15, 1.19),
    "regular": _Ratios(1.185, 1.25),
    "expressive": _Ratios(1.215, 1.32),
}
_ROOMS: Mapping[Density, _Room] = {
    "compact": _Room(text_px=15.0, unit_px=3.5, control_px=40),
    "cozy": _Room(text_px=16.0, unit_px=4.0, control_px=46),
    "airy": _Room(text_px=16.5, unit_px=4.56, control_px=52),
}
# Shadow strength by elevation; elevation 0 has no shadow at all.
_SHADOW_STRENGTH = (0.0, 0.55, 1.0, 1.6)


def derive_shape(tokens: ThemeTokens) -> dict[str, str]:
    """Property names without the leading dashes, to their CSS values."""
    return {
        "shadow": _shadow_color(tokens),
        **_type_sizes(tokens),
        **_corners(tokens),
        **_room(tokens),
        **_shadows(tokens.elevation),
        **_fonts(tokens),
    }


def _shadow_color(tokens: ThemeTokens) -> str:
    """A deep tint of the brand as `r g b`: grey shadows make a coloured page look dirty."""
    brand = hex_to_oklch(tokens.brand)
    shade = oklch_to_hex(Oklch(0.22, min(brand.chroma * 0.35, 0.05), brand.hue))
    return " ".join(str(channel) for channel in hex_to_rgb(shade))


def _type_sizes(tokens: ThemeTokens) -> dict[str, str]:
    base = _ROOMS[tokens.density].text_px
    ratios = _RATIOS[tokens.type_scale]
    sizes = {"t-xs": _rem(base * 0.78), "t-sm": _rem(base * 0.885), "t-md": _rem(base)}
    for step, name in enumerate(_SCALE_NAMES, start=1):
        boost = _DISPLAY_BOOST if step >= _DISPLAY_STEP else 1.0
        sizes[f"t-{name}"] = _fluid(base * ratios.narrow**step, base * ratios.wide**step * boost)
    return sizes


def _fluid(narrow_px: float, wide_px: float) -> str:
    slope = (wide_px - narrow_px) / (_WIDE_PX - _NARROW_PX)
    start = narrow_px - slope * _NARROW_PX
    return f"clamp({_rem(narrow_px)},{_rem(start)} + {slope * 100:.4g}vw,{_rem(wide_px)})"


def _rem(pixels: float) -> str:
    return f"{pixels / _ROOT_PX:.4g}rem"


def _corners(tokens: ThemeTokens) -> dict[str, str]:
    """One radius in five steps, so that a chip, a field and a hero read as one family."""
    radius = tokens.radius
    buttons = {"match": _px(min(radius * 0.8, 14)), "pill": "999px", "square": "0px"}
    return {
        "r-xs": _px(min(radius * 0.34, 7)),
        "r-sm": _px(min(radius * 0.6, 12)),
        "r-md": _px(radius),
        "r-lg": _px(radius * 1.45),
        "r-xl": _px(radius * 2),
        "r-full": "999px" if radius else "0px",
        "r-btn": buttons[tokens.buttons],
    }


def _px(pixels: float) -> str:
    return f"{pixels:.3g}px"


def _room(tokens: ThemeTokens) -> dict[str, str]:
    room = _ROOMS[tokens.density]
    return {"u": _px(room.unit_px), "ctl-h": f"{room.control_px}px"}


def _shadows(elevation: int) -> dict[str, str]:
    if elevation == 0:
        return {"sh-1": "none", "sh-2": "none", "sh-3": "0 0 0 1px var(--c-line)"}
    strength = _SHADOW_STRENGTH[elevation]
    return {
        "sh-1": ",".join((_shadow("0 1px 2px", 0.05 * strength + 0.02), _shadow("0 1px 1px", 0.03 * strength))),
        "sh-2": ",".join(
            (
                _shadow("0 1px 2px", 0.04 * strength),
                _shadow("0 6px 16px -6px", 0.10 * strength),
                _shadow("0 14px 32px -16px", 0.12 * strength),
            )
        ),
        "sh-3": ",".join(
            (
                _shadow("0 2px 6px -2px", 0.08 * strength),
                _shadow("0 18px 48px -16px", 0.20 * strength),
                _shadow("0 40px 80px -32px", 0.20 * strength),
            )
        ),
    }


def _shadow(geometry: str, opacity: float) -> str:
    return f"{geometry} rgb(var(--shadow)/{opacity:.2f})"


def _fonts(tokens: ThemeTokens) -> dict[str, str]:
    heading = FONTS[tokens.font_heading]
    return {
        "font-head": heading.stack,
        "font-body": FONTS[tokens.font_body].stack,
        "fw-head": str(heading.heading_weight),
        "ls-head": f"{heading.tracking_em}em",
        "lh-head": str(heading.heading_leading),
    }
