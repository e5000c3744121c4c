"""Draws a friendly face from a seed, so that a provider without a photo still looks like somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from django.utils.safestring import SafeString

from themes.engine.art import features as parts
from themes.engine.art.features import Features, choose_features
from themes.engine.art.svg import Seed, circle, circle_path, element, joined, path, picture, seeded

CANVAS = 96
_LINE = "#22191a"
_CHEEK = "#e8604c"
_NO_OPTIONS: Mapping[str, object] = {}


def portrait(
    seed: Seed,
    size: int = CANVAS,
    *,
    title: str = "",
    css_class: str = "avatar-svg",
    options: Mapping[str, object] = _NO_OPTIONS,
) -> SafeString:
    """The face of a seed as a square picture. `options` settles some features (see `choose_features`)."""
    shapes = face_shapes(seed, options)
    return picture(
        CANVAS,
        CANVAS,
        [shapes],
        css_class=css_class,
        title=title,
        width=size,
        height=size,
        preserveAspectRatio="xMidYMid slice",
    )


def face_shapes(seed: Seed, options: Mapping[str, object] = _NO_OPTIONS) -> SafeString:
    """The shapes of a face without their frame, for setting into another picture."""
    return _drawn(choose_features(seeded("portrait", seed), options))


@lru_cache(maxsize=1024)
def _drawn(face: Features) -> SafeString:
    """From back to front."""
    return joined(
        [
            element("rect", width=CANVAS, height=CANVAS, class_=face.background),
            *_hair_behind(face),
            *_body(face),
            *_head(face),
            *_hair_on_top(face),
            *_expression(face),
        ]
    )


def _hair_behind(face: Features) -> Iterator[SafeString]:
    if face.style == "curly":
        yield _curls(parts.CURLS_BEHIND, face.hair)
    elif face.style == "bun":
        yield circle(48, 12, 9, fill=face.hair)
    elif face.style in parts.HAIR_BEHIND:
        yield path(parts.HAIR_BEHIND[face.style], fill=face.hair)


def _body(face: Features) -> Iterator[SafeString]:
    yield path("M8 100C9 78 26 71.5 48 71.5S87 78 88 100z", class_=face.top)
    yield path("M40 54h16v15c0 5-3.5 8.5-8 8.5S40 74 40 69z", fill=face.skin.shade)
    collar = "M35 73.5c3 6 8 8.5 13 8.5s10-2.5 13-8.5l-5-2.8c-2 3.6-5 5.3-8 5.3s-6-1.7-8-5.3z"
    yield path(collar, class_="f-paper", opacity=".55")


def _head(face: Features) -> Iterator[SafeString]:
    if face.style not in parts.STYLES_OVER_EARS:
        yield path(circle_path(31, 45, 4) + circle_path(65, 45, 4), fill=face.skin.shade)
    yield path("M31 38c0-13 7-20 17-20s17 7 17 20v8c0 11-7 19-17 19s-17-8-17-19z", fill=face.skin.light)
    if face.has_beard:
        yield path(parts.BEARD, fill=face.hair, opacity=".92")


def _hair_on_top(face: Features) -> Iterator[SafeString]:
    if face.style == "curly":
        yield _curls(parts.CURLS_ON_TOP, face.hair)
    elif face.style == "wrap":
        yield path(parts.HAIR_ON_TOP["wrap"] + parts.WRAP_COLLAR, class_=face.wrap)
    else:
        yield path(parts.HAIR_ON_TOP[face.style], fill=face.hair)


def _curls(curls: tuple[tuple[float, float, float], ...], color: str) -> SafeString:
    return path("".join(circle_path(x, y, radius) for x, y, radius in curls), fill=color)


def _expression(face: Features) -> Iterator[SafeString]:
    brows = path("M38.5 40.5c1.2-1.3 3.6-1.3 5-.2M52.5 40.3c1.4-1.1 3.8-1.1 5 .2", stroke_width="1.3", opacity=".55")
    nose = path("M48 45.5c1 2.2 1.4 3.7-.4 4.4", stroke_width="1.3", stroke=face.skin.shade)
    yield element("g", brows, _mouth(face), nose, fill="none", stroke=_LINE, stroke_linecap="round")
    yield path(circle_path(41.2, 44.6, 1.75) + circle_path(54.8, 44.6, 1.75), fill=_LINE)
    yield path(circle_path(36.5, 51, 3.6) + circle_path(59.5, 51, 3.6), fill=_CHEEK, opacity=".13")
    if face.has_glasses:
        frames = circle_path(41, 44.5, 5.6) + circle_path(55, 44.5, 5.6)
        bridge = "M46.6 44c.9-.7 1.9-.7 2.8 0M35.4 43.5l-4-1M60.6 43.5l4-1"
        yield path(frames + bridge, fill="none", stroke=_LINE, stroke_width="1.5", opacity=".85")


def _mouth(face: Features) -> SafeString:
    """A beard hides a dark line, so its smile is white."""
    if face.has_beard:
        return path("M43 56.3c2.8 2.3 7.2 2.3 10 0", stroke="#fff", stroke_width="1.8")
    return path("M42.5 55c3 3.1 8 3.1 11 0", stroke_width="1.7", opacity=".75")
