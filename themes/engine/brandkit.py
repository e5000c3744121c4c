"""Everything an organization shows outside its pages: favicon, app icons, share picture and web app manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import resvg_py
from django.utils.safestring import SafeString
from PIL import ImageFont

from themes.engine.art.baked import art_stylesheet
from themes.engine.art.marks import TILE, literal_paint, tile_radius, tile_shapes
from themes.engine.art.motifs import motif_shapes
from themes.engine.art.svg import Seed, element, joined, text_element
from themes.engine.fonts import FONTS
from themes.engine.stylesheet import CompiledTheme

# Any: the manifest is JSON of mixed types.
type Json = dict[str, Any]

_TYPEFACES = Path(__file__).resolve().parent / "typefaces"
_NAMESPACE = "http://www.w3.org/2000/svg"
# A maskable icon is cut to any shape: only its middle 80 % is safe.
_SAFE_ZONE = 0.8
_SHARE_WIDTH, _SHARE_HEIGHT = 1200, 630
_PANEL_X, _PANEL_WIDTH, _PANEL_PADDING = 64, 760, 48
_TILE_SIZE, _TILE_GAP = 84, 26
_NAME_SIZE, _SMALLEST_NAME, _TAGLINE_SIZE, _ADDRESS_SIZE = 60, 30, 36, 28
_MOST_TAGLINE_LINES = 3
_LONGEST_SHORT_NAME = 12


@dataclass(frozen=True, slots=True)
class Brand:
    """Who the kit is for. `mark` is a glyph's name, or the name whose monogram stands on the tile."""

    name: str
    mark: str
    seed: Seed
    tagline: str = ""
    address: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class BrandKit:
    """The files by name, and the manifest that refers to them."""

    files: Mapping[str, bytes]
    manifest: Json
    theme_color: str


def build_brand_kit(theme: CompiledTheme, brand: Brand) -> BrandKit:
    """Draws all of it, in about half a second: never inside a request."""
    square, round_ = _icon(theme, brand, scale=_SAFE_ZONE), favicon(theme, brand)
    files = {
        "favicon.svg": round_.encode(),
        "icon-192.png": _png(round_, 192),
        "icon-512.png": _png(round_, 512),
        "icon-maskable-512.png": _png(square, 512),
        # iOS rounds the corners itself and shows transparent ones as black.
        "apple-touch-icon.png": _png(square, 180),
        "og.png": _png(_share_picture(theme, brand), _SHARE_WIDTH, art_stylesheet(theme.shown_palette)),
    }
    return BrandKit(files, web_manifest(theme, brand), theme.shown_palette["bg"])


def favicon(theme: CompiledTheme, brand: Brand) -> SafeString:
    """`favicon.svg`: the logo tile. Text only, in microseconds."""
    return _icon(theme, brand, scale=1.0)


def web_manifest(theme: CompiledTheme, brand: Brand) -> Json:
    """`app.webmanifest`; its icons are relative to it."""
    palette = theme.shown_palette
    return {
        "name": brand.name,
        "short_name": brand.name if len(brand.name) <= _LONGEST_SHORT_NAME else brand.name.split()[0],
        "description": brand.tagline,
        "lang": brand.language,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": palette["bg"],
        "theme_color": palette["bg"],
        "icons": [
            {"src": "favicon.svg", "type": "image/svg+xml", "sizes": "any"},
            {"src": "icon-192.png", "type": "image/png", "sizes": "192x192"},
            {"src": "icon-512.png", "type": "image/png", "sizes": "512x512"},
            {"src": "icon-maskable-512.png", "type": "image/png", "sizes": "512x512", "purpose": "maskable"},
        ],
    }


def _icon(theme: CompiledTheme, brand: Brand, *, scale: float) -> SafeString:
    """The logo tile; below full scale it fills its square, for icons that somebody else cuts."""
    radius = tile_radius(brand.mark, brand.seed) if scale == 1.0 else 0
    return element("svg", *_tile(theme, brand, radius=radius, scale=scale), xmlns=_NAMESPACE, viewBox=f"0 0 {TILE} {TILE}")


def _tile(theme: CompiledTheme, brand: Brand, *, radius: int, scale: float = 1.0) -> Iterator[SafeString]:
    palette = theme.shown_palette
    paint = literal_paint(palette["brand"], palette["on-brand"])
    return tile_shapes(brand.mark, paint, radius=radius, scale=scale, font_family=_family(theme))


def _share_picture(theme: CompiledTheme, brand: Brand) -> SafeString:
    """The motif on the deep plane, and a calm panel with mark, name, tagline and address."""
    palette = theme.shown_palette
    words = list(_words(theme, brand))
    height = _panel_height(len(words))
    top = (_SHARE_HEIGHT - height) // 2
    radius = round(theme.tokens.radius * 1.6)
    panel = element(
        "rect", x=_PANEL_X, y=top, width=_PANEL_WIDTH, height=height, rx=radius, fill=palette["deep"], fill_opacity=".92"
    )
    corner = f"translate({_PANEL_X + _PANEL_PADDING} {top + _PANEL_PADDING})"
    inner = element("g", *_heading(theme, brand), *words, transform=corner)
    return element(
        "svg",
        _share_ground(theme, brand),
        panel,
        inner,
        xmlns=_NAMESPACE,
        viewBox=f"0 0 {_SHARE_WIDTH} {_SHARE_HEIGHT}",
        width=_SHARE_WIDTH,
        height=_SHARE_HEIGHT,
    )


def _share_ground(theme: CompiledTheme, brand: Brand) -> SafeString:
    if theme.tokens.motif == "none":
        return element("rect", width=_SHARE_WIDTH, height=_SHARE_HEIGHT, class_="f-deep")
    return motif_shapes(theme.tokens.motif, str(brand.seed), _SHARE_WIDTH, _SHARE_HEIGHT, dark=True)


def _panel_height(lines: int) -> int:
    return 2 * _PANEL_PADDING + _TILE_SIZE + (lines * (_TAGLINE_SIZE + 14) + 20 if lines else 0)


def _heading(theme: CompiledTheme, brand: Brand) -> Iterator[SafeString]:
    tile = joined(_tile(theme, brand, radius=tile_radius(brand.mark, brand.seed)))
    yield element("g", tile, transform=f"scale({_TILE_SIZE / TILE:g})")
    x = _TILE_SIZE + _TILE_GAP
    size = _NAME_SIZE
    while size > _SMALLEST_NAME and _measured(theme, brand.name, size) > _inner_width() - x:
        size -= 2
    name = _shortened(theme, brand.name, size, _inner_width() - x)
    yield _line(theme, name, x=x, y=_TILE_SIZE / 2 + size * 0.36, size=size, fill=theme.shown_palette["on-deep"])


def _words(theme: CompiledTheme, brand: Brand) -> Iterator[SafeString]:
    palette = theme.shown_palette
    y = _TILE_SIZE + 20 + _TAGLINE_SIZE
    for line in _wrapped(theme, brand.tagline):
        yield _line(theme, line, x=0, y=y, size=_TAGLINE_SIZE, fill=palette["on-deep"])
        y += _TAGLINE_SIZE + 14
    if brand.address:
        address = _shortened(theme, brand.address, _ADDRESS_SIZE, _inner_width())
        yield _line(theme, address, x=0, y=y, size=_ADDRESS_SIZE, fill=palette["deep-brand"])


def _wrapped(theme: CompiledTheme, text: str) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _measured(theme, longer, _TAGLINE_SIZE) <= _inner_width():
            lines[-1] = longer
        else:
            lines.append(word)
    return [_shortened(theme, line, _TAGLINE_SIZE, _inner_width()) for line in lines[:_MOST_TAGLINE_LINES]]


def _shortened(theme: CompiledTheme, text: str, size: int, width: float) -> str:
    if _measured(theme, text, size) <= width:
        return text
    while text and _measured(theme, f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _inner_width() -> int:
    return _PANEL_WIDTH - 2 * _PANEL_PADDING


def _measured(theme: CompiledTheme, text: str, size: int) -> float:
    return ImageFont.truetype(_typeface(theme), size).getlength(text)


def _line(theme: CompiledTheme, text: str, *, x: float, y: float, size: int, fill: str) -> SafeString:
    return text_element("text", text, x=float(x), y=float(y), font_family=_family(theme), font_size=size, fill=fill)


def _typeface(theme: CompiledTheme) -> Path:
    """The heading font as a file that can be drawn with; the system font has none, so a kindred one stands in."""
    font = FONTS[theme.tokens.font_heading]
    return _TYPEFACES / f"{font.name if font.file else 'figtree'}.ttf"


def _family(theme: CompiledTheme) -> str:
    # Letters outside the Latin subset come from the machine's own fonts, where it has some.
    return f"stoa-{_typeface(theme).stem}, sans-serif"


def _png(svg: SafeString, width: int, stylesheet: str = "") -> bytes:
    fonts = [str(path) for path in sorted(_TYPEFACES.glob("*.ttf"))]
    return bytes(resvg_py.svg_to_bytes(svg_string=str(svg), width=width, font_files=fonts, style_sheet=stylesheet or None))
