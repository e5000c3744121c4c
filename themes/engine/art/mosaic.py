"""A wall of tiles with faces set into its grid: the picture of an organization made of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.safestring import SafeString

from themes.engine.art.motifs import motif_shapes
from themes.engine.art.portraits import CANVAS, face_shapes
from themes.engine.art.svg import Seed, element, picture

_CELL = 96
_COLUMNS = _ROWS = 7


class _Spot(NamedTuple):
    """Where a face sits, and how many cells it spans each way."""

    column: int
    row: int
    span: int


_SPOTS = (_Spot(3, 2, 3), _Spot(0, 1, 2), _Spot(1, 4, 2), _Spot(5, 0, 2), _Spot(4, 5, 2))


@dataclass(frozen=True, slots=True)
class Sitter:
    """Somebody in the mosaic: the seed of the face, the features that are settled, and the address of an uploaded photo."""

    seed: Seed
    options: Mapping[str, object]
    photo_url: str = ""


def mosaic(sitters: Sequence[Sitter], seed: Seed, *, css_class: str = "art") -> SafeString:
    """At most five faces, the first one the largest; without any it is a plain wall."""
    width, height = _COLUMNS * _CELL, _ROWS * _CELL
    wall = motif_shapes("tiles", str(seed), width, height, dark=False)
    return picture(width, height, [wall, *_faces(sitters)], css_class=css_class, preserveAspectRatio="xMidYMid slice")


def _faces(sitters: Sequence[Sitter]) -> Iterator[SafeString]:
    for sitter, spot in zip(sitters, _SPOTS, strict=False):
        side = spot.span * _CELL + 0.5
        place: dict[str, float] = {"x": spot.column * _CELL, "y": spot.row * _CELL, "width": side, "height": side}
        if sitter.photo_url:
            yield element("image", href=sitter.photo_url, preserveAspectRatio="xMidYMid slice", **place)
        else:
            face = face_shapes(sitter.seed, sitter.options)
            yield element("svg", face, **place, viewBox=f"0 0 {CANVAS} {CANVAS}")
