"""What a generated face is put together from: the palettes, the hair shapes and the choices that a seed makes.

All shapes live on a 96 by 96 canvas. Skin and hair are real colours; clothes and background follow the theme.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

type HairStyle = Literal["crop", "part", "long", "bob", "curly", "bun", "buzz", "waves", "wrap"]

HAIR_STYLES: tuple[HairStyle, ...] = get_args(HairStyle.__value__)
SHORT_STYLES: tuple[HairStyle, ...] = ("crop", "buzz", "part")
STYLES_OVER_EARS: tuple[HairStyle, ...] = ("long", "waves", "wrap", "bob")

BACKGROUNDS = ("f-brand-soft2", "f-accent-soft2", "f-wash1", "f-c1s", "f-c3s", "f-c5s")
TOPS = ("f-brand-vivid", "f-deep", "f-accent-vivid", "f-c3", "f-paper", "f-c5")
WRAPS = ("f-brand-vivid", "f-accent-vivid", "f-c3", "f-c5")

_GLASSES_SHARE = 0.22
_BEARD_SHARE = 0.4


class Skin(NamedTuple):
    """A skin tone and its shaded side."""

    light: str
    shade: str


SKINS = (
    Skin("#f6d3bd", "#e9b99c"),
    Skin("#eebf9f", "#dca47f"),
    Skin("#d9a47c", "#c48a61"),
    Skin("#b67b54", "#9c643f"),
    Skin("#8a5637", "#714327"),
    Skin("#5f3a26", "#4b2c1b"),
)
HAIRS = ("#2a211d", "#3d2a20", "#5b3a24", "#8a5a34", "#c08a4e", "#d9b27c", "#7c7672", "#1c1a1f", "#9a4527")

HAIR_BEHIND: Mapping[HairStyle, str] = {
    "long": "M24 42C24 20 36 12 48 12s24 8 24 30v28c0 5-3 8-7 8H31c-4 0-7-3-7-8z",
    "waves": "M24 44C22 20 35 11 49 11c15 0 25 10 24 31 0 6 4 8 3 15s-6 6-6 12-5 8-9 6H33c-5 1-9-1-9-7 0-5-5-6-5-12s5-7 5-12z",
}
HAIR_ON_TOP: Mapping[HairStyle, str] = {
    "crop": "M29.5 40C28 22 37 13 49 13s19 8 17.5 26c-1-6-3-9-5.5-11-5 2.5-19 3-24.5 0-3 2-5.5 6-6 12z",
    "buzz": "M30.5 38C30 22 38 15 48 15s18 7 17.5 23c-1.5-7-4-11-7-12.5-6-1-15-1-21 0-3 1.5-5.5 5.5-7 12.5z",
    "part": "M29.5 41C27 22 37 11.5 50 12c12 .5 18 10 16.5 28-1-7-4-11.5-8-13.5C51 30 40 29 36 26c-3 3-5.5 8-6.5 15z",
    "long": "M30 44c-1-18 6-28 18-28s19 10 18 28c-2-9-6-14-11-17-6 6-18 6-21 2-2 4-3 9-4 15z",
    "waves": "M30 45C28 26 37 15 49 15s19 11 17 30c-1-8-4-13-9-16-3-2-6-6-7-9-2 8-11 12-15 13-3 2-4 7-5 12z",
    "bob": "M25 52C21 24 33 12 48 12s27 12 23 40c-.5 6-3 9-7 9 2-10 2-20-3-30-8 4-19 4-26 0-5 10-5 20-3 30-4 0-6.5-3-7-9z",
    "bun": "M29.5 42C28 24 36 15 48 15s20 9 18.5 27c-2-9-7-15-18.5-15s-16.5 6-18.5 15z",
    "wrap": "M24 46C22 22 33 10 48 10s26 12 24 36c0 12-1 26-9 30-3-3-3-9-1-16 3-6 4-12 3-20-2-8-8-13-17-13s-15 5-17 13"
    "c-1 8 0 14 3 20 2 7 2 13-1 16-8-4-9-18-9-30z",
}
WRAP_COLLAR = "M30 70c4 8 11 11 18 11s14-3 18-11l4 6c-5 9-13 12-22 12s-17-3-22-12z"
# Curls are circles: x, y, radius.
CURLS_BEHIND = ((29, 35, 11), (33, 24, 11), (43, 17, 11), (54, 17, 11), (64, 24, 11), (68, 35, 11), (29, 46, 9), (68, 46, 9))
CURLS_ON_TOP = ((37, 25, 7), (45, 21.5, 7), (53, 22, 7), (60, 27, 6))
BEARD = "M31 44c0 13 7 22.5 17 22.5S65 57 65 44c-1.5 5-4 6.5-6 7-3 .8-4-1.5-11-1.5s-8 2.3-11 1.5c-2-.5-4.5-2-6-7z"


@dataclass(frozen=True, slots=True)
class Features:
    """One face."""

    style: HairStyle
    skin: Skin
    hair: str
    background: str
    top: str
    wrap: str
    has_glasses: bool
    has_beard: bool


def choose_features(chance: random.Random, options: Mapping[str, object]) -> Features:
    """The face of a seed, with what `options` settles: hair, skin (numbers), style, top, background, glasses, beard.

    Every choice is drawn before any option is looked at, so settling one feature leaves the others as they were.
    An option that does not exist is passed over: a picture must never break a page.
    """
    style = chance.choice(HAIR_STYLES)
    skin, hair = chance.randrange(len(SKINS)), chance.randrange(len(HAIRS))
    background, top, wrap = chance.choice(BACKGROUNDS), chance.choice(TOPS), chance.choice(WRAPS)
    glasses, beard = chance.random() < _GLASSES_SHARE, chance.random() < _BEARD_SHARE
    style = _one_of(HAIR_STYLES, options.get("style"), style)
    return Features(
        style=style,
        skin=SKINS[_one_of(range(len(SKINS)), options.get("skin"), skin)],
        hair=HAIRS[_one_of(range(len(HAIRS)), options.get("hair"), hair)],
        background=_one_of(BACKGROUNDS, options.get("background"), background),
        top=_one_of(TOPS, options.get("top"), top),
        wrap=wrap,
        has_glasses=_one_of((True, False), options.get("glasses"), glasses),
        has_beard=_one_of((True, False), options.get("beard"), beard and style in SHORT_STYLES),
    )


def _one_of[T](allowed: tuple[T, ...] | range, wanted: object, otherwise: T) -> T:
    # mypy sees a range of T here; ranges only come with T = int.
    return next((value for value in allowed if value == wanted), otherwise)  # type: ignore[return-value]
