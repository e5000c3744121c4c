"""Logo tiles: a glyph or a monogram on the brand's fill, for organizations that have not uploaded a logo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString

from themes.engine.art.svg import Attribute, Seed, circle_path, element, joined, path, picture, seeded, text_element
from webui.names import monogram_of

TILE = 32
_MONOGRAM_RADII = (4, 8, 10, 16)


@dataclass(frozen=True, slots=True)
class Glyph:
    """A simple sign on a 32 by 32 tile: its figure, holes that show the tile again, and the tile's corner radius."""

    figure: str
    radius: int
    holes: str = ""


GLYPHS: Mapping[str, Glyph] = {
    "spark": Glyph(
        "M16 5.5c1 6.2 3.3 8.5 9.5 9.5v2c-6.2 1-8.5 3.3-9.5 9.5-1-6.2-3.3-8.5-9.5-9.5v-2c6.2-1 8.5-3.3 9.5-9.5z", radius=10
    ),
    "crest": Glyph("M8 8h16v9c0 4.4-3.4 7.2-8 9-4.6-1.8-8-4.6-8-9z", radius=4, holes="M15 11h2v4h4v2h-4v5h-2v-5h-4v-2h4z"),
    "moon": Glyph("M20.8 21.6A8.6 8.6 0 0 1 13 8.1a8.6 8.6 0 1 0 7.8 13.5z" + circle_path(21, 11, 2.1), radius=16),
    "grid": Glyph("M8 8h7v7H8zM17 8h7v7h-7zM8 17h7v7H8z" + circle_path(20.5, 20.5, 3.5), radius=8),
    "leaf": Glyph("M8 24C7 13 13 8 25 8c0 12-6 17-14 16l-2 2-1.6-1.6z", radius=10, holes="M10.5 22.5 19 14l1 1-8.5 8.5z"),
    "drop": Glyph("M16 6c5 6 7 9 7 12.5a7 7 0 0 1-14 0C9 15 11 12 16 6z", radius=10),
    "arch": Glyph("M7 25V15a9 9 0 0 1 18 0v10h-5V15a4 4 0 0 0-8 0v10z", radius=6),
    "sun": Glyph(circle_path(16, 16, 5) + "M15 5h2v4h-2zM15 23h2v4h-2zM5 15h4v2H5zM23 15h4v2h-4z", radius=16),
}


@dataclass(frozen=True, slots=True)
class TilePaint:
    """How ground and figure are painted: by theme classes on a page, by literal colours in an icon file."""

    ground: Mapping[str, Attribute]
    figure: Mapping[str, Attribute]


THEME_PAINT = TilePaint({"class_": "f-brand"}, {"class_": "f-on-brand"})


def literal_paint(ground: str, figure: str) -> TilePaint:
    return TilePaint({"fill": ground}, {"fill": figure})


def logo_tile(mark: str, seed: Seed, size: int = 34, *, title: str = "") -> SafeString:
    """A glyph by its name; any other text becomes a monogram, on a tile whose corners come from the seed."""
    shapes = tile_shapes(mark, THEME_PAINT, radius=tile_radius(mark, seed))
    return picture(TILE, TILE, shapes, css_class="logo-tile", title=title, width=size, height=size)


def tile_radius(mark: str, seed: Seed) -> int:
    glyph = GLYPHS.get(mark)
    return glyph.radius if glyph else seeded("tile", seed).choice(_MONOGRAM_RADII)


def tile_shapes(mark: str, paint: TilePaint, *, radius: int, font_family: str = "", scale: float = 1.0) -> Iterator[SafeString]:
    """The tile and its sign; `scale` below 1 draws the sign smaller, for the safe zone of a maskable icon."""
    yield element("rect", width=TILE, height=TILE, rx=radius, **paint.ground)
    figure = joined(_figure(mark, paint, font_family))
    if scale == 1.0:
        yield figure
        return
    offset = TILE * (1 - scale) / 2
    yield element("g", figure, transform=f"translate({offset:g} {offset:g}) scale({scale:g})")


def _figure(mark: str, paint: TilePaint, font_family: str) -> Iterator[SafeString]:
    glyph = GLYPHS.get(mark)
    if glyph is None:
        yield _monogram(monogram_of(mark), paint, font_family)
        return
    yield path(glyph.figure, **paint.figure)
    if glyph.holes:
        yield path(glyph.holes, **paint.ground)


def _monogram(letters: str, paint: TilePaint, font_family: str) -> SafeString:
    size = 17.0 if len(letters) == 1 else 13.5
    family: dict[str, Attribute] = {"font_family": font_family} if font_family else {}
    return text_element(
        "text",
        letters,
        x=16,
        y=16 + size * 0.355,
        text_anchor="middle",
        font_size=size,
        font_weight=700,
        **family,
        **paint.figure,
    )
