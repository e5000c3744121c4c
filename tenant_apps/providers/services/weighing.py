"""What stored pictures weigh, for those of which nobody noted it when they were stored."""

from __future__ import annotations

from typing import Final

import structlog
from django.core.files.storage import default_storage

from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import PictureKind, file_name

_log = structlog.get_logger(__name__)
_BATCH: Final = 200


def weigh_pictures() -> int:
    """Note the weight of every picture that has none; tells of how many. May be called again, and beside anything else.

    The storage is asked outside of transactions. A picture that was replaced meanwhile keeps the weight of the new one.
    """
    return sum(_weigh(kind) for kind in PictureKind)


def _weigh(kind: PictureKind) -> int:
    weighed, after = 0, 0
    unknown = Provider.objects.exclude(**{kind.column: ""}).filter(**{kind.weight_column: 0}).order_by("pk")
    while rows := list(unknown.filter(pk__gt=after).values_list("pk", kind.column)[:_BATCH]):
        for pk, key in rows:
            if weight := _weight_of(key, kind):
                mine = Provider.objects.filter(pk=pk, **{kind.column: key, kind.weight_column: 0})
                weighed += mine.update(**{kind.weight_column: weight})
        after = rows[-1][0]
    return weighed


def _weight_of(key: str, kind: PictureKind) -> int:
    return sum(_size_of(file_name(key, width)) for width, _height in kind.sizes)


def _size_of(name: str) -> int:
    try:
        return int(default_storage.size(name))
    except FileNotFoundError:
        _log.warning("picture_file_missing", name=name)
        return 0
