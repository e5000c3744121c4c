"""Addresses of profiles: made from names, checked when typed, and what to offer when one is taken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import count
from typing import Final

from django.utils.text import slugify

MAX_LENGTH: Final = 60
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Letters that Unicode does not take apart into a plain one and a mark.
_PLAIN: Final = str.maketrans({"ß": "ss", "æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "œ": "oe", "ł": "l", "Ł": "l", "đ": "d"})
_LONGEST_NUMBER: Final = 6


def is_slug(text: str) -> bool:
    """Whether `text` is small letters, digits and single hyphens between them, and short enough."""
    return len(text) <= MAX_LENGTH and _SLUG.fullmatch(text) is not None


def slug_from(name: str, *, fallback: str) -> str:
    """The address that `name` suggests; `fallback` for a name without a Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", name.translate(_PLAIN))
    return slugify(plain)[:MAX_LENGTH].strip("-") or fallback


def candidates(slug: str) -> Iterator[str]:
    """`slug`, then `slug-2`, `slug-3` and so on, each within the length."""
    yield slug
    stem = slug[: MAX_LENGTH - _LONGEST_NUMBER - 1].rstrip("-")
    for number in count(2):
        yield f"{stem}-{number}"
