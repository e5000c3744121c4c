"""The letters that stand for a name on a tile: one rule for marks, avatars and icons."""

from __future__ import annotations

from typing import Final

_LONGEST_MONOGRAM: Final = 2
_NAMELESS: Final = "•"


def monogram_of(name: str) -> str:
    """The first letters of the first and last word, in capitals: “Northgate Tutors” is NT, “noctis” is N."""
    initials = [next((letter for letter in word if letter.isalnum()), "") for word in name.split()]
    letters = [letter for letter in initials if letter]
    if not letters:
        return _NAMELESS
    ends = letters[:1] + letters[1:][-1:]
    return "".join(ends).upper()[:_LONGEST_MONOGRAM]
