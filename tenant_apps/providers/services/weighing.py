"""What stored pictures weigh, for those of which nobody noted it when they were stored."""

from __future__ import annotations

from typing import Final

import structlog
from django.core.files.storage import default_storage
from django.db.models import Q

from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import PictureKind, file_name

_log = structlog.get_logger(__name__)

PART: Final = 40
"""Whose pictures are weighed in one go: the storage is asked some hundred times, in some seconds, well within a lease."""

# What a picture without a single file is noted to weigh: nothing that counts, and yet known, so it is not looked for again.
_WITHOUT_FILES: Final = 1


def weigh_pictures(*, after: int = 0) -> int | None:
    """Note the weight of the pictures that have none, of the first PART providers behind the row `after` that have such.

    Tells behind which row the rest begins; None when there is none. May be called again, and beside anything else. The
    storage is asked outside of transactions. A picture that was replaced meanwhile keeps the weight of the new one.
    """
    rows = list(Provider.objects.filter(_is_unknown(), pk__gt=after).order_by("pk")[:PART])
    for provider in rows:
        for kind in PictureKind:
            _weigh(provider, kind)
    return rows[-1].pk if len(rows) == PART else None


def _is_unknown() -> Q:
    unknown = Q()
    for kind in PictureKind:
        unknown |= ~Q(**{kind.column: ""}) & Q(**{kind.weight_column: 0})
    return unknown


def _weigh(provider: Provider, kind: PictureKind) -> None:
    key = getattr(provider, kind.column)
    if not key or getattr(provider, kind.weight_column):
        return
    mine = Provider.objects.filter(pk=provider.pk, **{kind.column: key, kind.weight_column: 0})
    mine.update(**{kind.weight_column: _weight_of(key, kind) or _WITHOUT_FILES})


def _weight_of(key: str, kind: PictureKind) -> int:
    return sum(_size_of(file_name(key, width)) for width, _height in kind.sizes)


def _size_of(name: str) -> int:
    try:
        return int(default_storage.size(name))
    except FileNotFoundError:
        _log.warning("picture_file_missing", name=name)
        return 0
