"""The text of a statement without anybody's values: for traces, and for lists of what is slow."""

from __future__ import annotations

import re
from typing import Final

_LONGEST: Final = 2_000
# Texts in quotes (also dollar's), numbers that stand alone, and lists of what is left of either.
_DOLLARS: Final = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)
_TEXTS: Final = re.compile(r"'(?:[^']|'')*'")
_NUMBERS: Final = re.compile(r"(?<![\w.\"$])\d+(?:\.\d+)?\b")
_LISTS: Final = re.compile(r"\(\s*(?:%s|\?)(?:\s*,\s*(?:%s|\?))+\s*\)")
_SPACES: Final = re.compile(r"\s+")


def without_values(sql: str) -> str:
    """`sql` with `?` for each value that stands in it, on one line, and cut where it is very long.

    What differs in its values, or in how many a list has, becomes the same text.
    """
    text = _TEXTS.sub("?", _DOLLARS.sub("?", sql))
    text = _LISTS.sub("(…)", _NUMBERS.sub("?", text))
    text = _SPACES.sub(" ", text).strip()
    # An odd quote: where a text begins cannot be said, so nothing behind it is told.
    return text.split("'", maxsplit=1)[0][:_LONGEST]
