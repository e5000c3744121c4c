"""Why a picture is not taken, and how large one may be; also for the decoding process, which loads nothing else of ours."""

from __future__ import annotations

from enum import Enum
from typing import Final

MAX_SIDE: Final = 12_000
MAX_PIXELS: Final = 40_000_000
MIN_SIDE: Final = 96


class Refusal(Enum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TOO_HEAVY = "too_heavy"
    DRAWING = "drawing"
    NO_PICTURE = "no_picture"
    TWO_THINGS = "two_things"
    TOO_LARGE = "too_large"
    TOO_SMALL = "too_small"
    DAMAGED = "damaged"


def judge_size(width: int, height: int) -> Refusal | None:
    """Whether a picture of these dimensions, read from its header, may be decoded."""
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        return Refusal.TOO_LARGE
    return Refusal.TOO_SMALL if min(width, height) < MIN_SIDE else None
