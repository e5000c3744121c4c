"""The readable part of an address: made from a name, checked when typed, and what to try when one is taken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import count
from typing import Final

from django.utils.text import slugify

_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Letters that Unicode does not take apart into a plain one and a mark.
_PLAIN: Final = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "œ": "oe", "ł": "l", "Ł": "l", "đ": "d"})
_LONGEST_NUMBER: Final = 6


def is_slug(text: str, *, max_length: int) -> bool:
    """Whether `text` is small letters, digits and single hyphens between them, and short enough."""
    return len(text) <= max_length and _SLUG.fullmatch(text) is not None


def slug_from(name: str, *, fallback: str, max_length: int) -> str:
    """The slug that `name` suggests; `fallback` for a name without a Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", name.translate(_PLAIN))
    return slugify(plain)[:max_length].strip("-") or fallback


def candidates(slug: str, *, max_length: int) -> Iterator[str]:
    """`slug`, then `slug-2`, `slug-3` and so on, each within the length."""
    yield slug
    stem = slug[: max_length - _LONGEST_NUMBER - 1].rstrip("-")
    for number in count(2):
        yield f"{stem}-{number}"
