"""Uploaded pictures as the world may fetch them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.core.files.storage import default_storage
from django.db.models import Sum

from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import PictureKind

# Only what the pictures' service writes has this form: no other file of the tenant can be asked for, nor a folder left.
_PUBLIC: Final = re.compile(r"images/[0-9a-f]{32}-[0-9]{2,4}\.webp")


@dataclass(frozen=True, slots=True)
class MediaFile:
    """The bytes of a public file and what they are."""

    content: bytes
    media_type: str


def stored_bytes() -> int:
    """What the pictures that people uploaded weigh together, as stored (one query). What the platform draws does not count."""
    weights = [Sum(kind.weight_column, default=0) for kind in PictureKind]
    return sum(Provider.objects.aggregate(*weights).values())


def read_media(path: str) -> MediaFile | None:
    """The public file of the current tenant at `path`, or None when there is none."""
    if not _PUBLIC.fullmatch(path):
        return None
    try:
        with default_storage.open(path) as file:
            return MediaFile(file.read(), "image/webp")
    except FileNotFoundError:
        return None
