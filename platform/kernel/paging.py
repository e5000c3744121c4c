"""Keyset paging: a page starts after a row, not at a number, so it costs the same anywhere and no row is shown twice."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from kernel.errors import Invalid

type Key = list[str | int]


_LONGEST_CURSOR = 400


@dataclass(frozen=True, slots=True)
class Page[T]:
    """Some rows in their order, and where to go on from in both directions (None at an end)."""

    rows: Sequence[T]
    next_cursor: str | None
    previous_cursor: str | None


@dataclass(frozen=True, slots=True)
class _Position:
    """Where a page starts: beyond `key`, forwards or back."""

    key: Key
    backwards: bool


def fetch_page[M: Model](rows: QuerySet[M], *, order: Sequence[str], cursor: str | None, limit: int) -> Page[M]:
    """One page of `rows` in one query.

    `order` names columns of the model (`-` turns one), of which the last is unique; none may be NULL. Values must be texts,
    whole numbers or instants, since they travel in the cursor.

    Raises:
        Invalid: the cursor is none that this function wrote for this order.
    """
    position = _read(cursor, width=len(order)) if cursor else None
    backwards = position is not None and position.backwards
    directed = [_turned(column) for column in order] if backwards else list(order)
    try:
        if position is not None:
            rows = rows.filter(_beyond(directed, position.key))
        found = list(rows.order_by(*directed)[: limit + 1])
    except (ValueError, TypeError, ValidationError) as error:
        raise _not_ours() from error
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    has_next, has_previous = (True, more) if backwards else (more, position is not None)
    return Page(
        rows=found,
        next_cursor=_write(found[-1], order, backwards=False) if found and has_next else None,
        previous_cursor=_write(found[0], order, backwards=True) if found and has_previous else None,
    )


def _beyond(order: Sequence[str], key: Key) -> Q:
    """Rows that come after `key`: greater in the first column, or equal there and greater in the second, and so on."""
    condition = Q()
    equal = Q()
    for column, value in zip(order, key, strict=True):
        name = column.removeprefix("-")
        comparison = "lt" if column.startswith("-") else "gt"
        condition |= equal & Q(**{f"{name}__{comparison}": value})
        equal &= Q(**{name: value})
    return condition


def _turned(column: str) -> str:
    return column.removeprefix("-") if column.startswith("-") else f"-{column}"


def _write(row: Model, order: Sequence[str], *, backwards: bool) -> str:
    key = [getattr(row, column.removeprefix("-")) for column in order]
    text = json.dumps(["<" if backwards else ">", *key], separators=(",", ":"), default=_moment_text)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _moment_text(value: object) -> str:
    """An instant as text that the database's column reads back, to the microsecond."""
    if not isinstance(value, datetime):
        raise TypeError(f"a cursor cannot hold {value!r}")
    return value.isoformat()


def _read(cursor: str, *, width: int) -> _Position:
    if len(cursor) > _LONGEST_CURSOR:
        raise _not_ours()
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise _not_ours() from error
    if not isinstance(parts, list) or len(parts) != width + 1 or parts[0] not in ("<", ">"):
        raise _not_ours()
    if not all(type(part) in (str, int) and "\0" not in str(part) for part in parts):
        raise _not_ours()
    return _Position(parts[1:], backwards=parts[0] == "<")


def _not_ours() -> Invalid:
    return Invalid(_("This link to a page of a list is not valid. Start at the first page."), field="cursor")
