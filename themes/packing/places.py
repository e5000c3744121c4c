"""Which files a theme package may hold, and how much of them: one closed list for linter, packer and reader."""

from __future__ import annotations

import re
from typing import Final

ID_PATTERN: Final = r"[a-z][a-z0-9-]{1,31}"
MOST_FILES: Final = 400
LARGEST_PACKAGE: Final = 5 * 1024 * 1024
LONGEST_PATH: Final = 160

_NAME: Final = r"[a-z0-9][a-z0-9_-]{0,60}"
_PLACES: Final = (
    r"theme\.toml",
    r"(?:LICENSE|CHANGELOG|README)(?:\.md|\.txt)?",
    rf"templates/(?:{_NAME}/){{0,3}}{_NAME}\.html",
    r"static/theme\.css",
    rf"static/img/(?:{_NAME}/){{0,2}}{_NAME}\.(?:svg|webp|avif|png|jpg)",
    rf"static/fonts/{_NAME}\.woff2",
    r"locale/[a-z]{2}(?:_[A-Z]{2})?/LC_MESSAGES/theme\.po",
    rf"presets/{_NAME}\.toml",
    r"preview/(?:desktop|mobile)\.webp",
)
_PLACE: Final = re.compile("|".join(_PLACES), re.ASCII)
_PACKAGE_ID: Final = re.compile(ID_PATTERN, re.ASCII)


def has_place(path: str) -> bool:
    """Whether a file of this path, relative to the package, may be in it. Only plain lower-case ASCII names are."""
    return len(path) <= LONGEST_PATH and _PLACE.fullmatch(path) is not None


def is_package_id(text: str) -> bool:
    return _PACKAGE_ID.fullmatch(text) is not None
