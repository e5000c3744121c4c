"""Uploaded pictures as the world may fetch them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.core.files.storage import default_storage

# Only what the pictures' service writes has this form: no other file of the tenant can be asked for, nor a folder left.
_PUBLIC: Final = re.compile(r"images/[0-9a-f]{32}-[0-9]{2,4}\.webp")


@dataclass(frozen=True, slots=True)
class MediaFile:
    """The bytes of a public file and what they are."""

    content: bytes
    media_type: str


def read_media(path: str) -> MediaFile | None:
    """The public file of the current tenant at `path`, or None when there is none."""
    if not _PUBLIC.fullmatch(path):
        return None
    try:
        with default_storage.open(path) as file:
            return MediaFile(file.read(), "image/webp")
    except FileNotFoundError:
        return None
