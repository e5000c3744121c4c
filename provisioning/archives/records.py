"""Records of a restored snapshot beside those of now: lists of what differs, and one record field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.fields.ranges import RangeField
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kernel.paging import Page
from provisioning.archives.contents import REPLACED, TABLES_AS_TODAY
from provisioning.archives.kinds import PARTS, Kind, kind_of_table
from provisioning.archives.kinship import columns_apart, model_of, parts_of, ties_of
from provisioning.archives.picks import Sides, title_of
from provisioning.archives.wording import NOTHING, Row, shown
from provisioning.field_words import FIELD_WORDS

PAGE_SIZE: Final = 25
_UNREAD: Final = frozenset({"public_id"})
# What tells rows with the same content apart.
_NAMES_A_ROW: Final = frozenset({"id", "public_id", "created_at"})


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record that is gone, or is another than it was."""

    number: int
    title: str
    is_gone: bool


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field, or one kind of parts, then and now; `now` is None where the record is gone."""

    label: str | Promise
    then: str
    now: str | None

    @property
    def differs(self) -> bool:
        return self.now is not None and self.then != self.now


@dataclass(frozen=True, slots=True)
class Record:
    """One record side by side."""

    number: int
    title: str
    is_gone: bool
    lines: tuple[FieldLine, ...]

    @property
    def differs(self) -> bool:
        return self.is_gone or any(line.differs for line in self.lines)


def records_page(kind: Kind, sides: Sides, *, search: str = "", cursor: str | None = None) -> Page[RecordLine]:
    """The records of a kind that are gone or changed since the snapshot, the newest first; a page of them (one query).

    `search` is looked for in the words by which a record is known. There is no way back but to the first page.
    """
    title = title_of(kind, "s")
    after = int(cursor) if cursor and cursor.isascii() and cursor.isdigit() and len(cursor) < len(str(2**63)) else 2**63 - 1
    found = sides.query(
        f'SELECT s.id, {title}, l.id IS NULL FROM {{then}}."{kind.table}" s'  # noqa: S608  # our models' names
        f' LEFT JOIN {{living}}."{kind.table}" l ON l.id = s.id'
        f" WHERE s.id < %(after)s AND {title} ILIKE %(search)s AND (l.id IS NULL OR {_differs(kind.table)})"
        " ORDER BY s.id DESC LIMIT %(limit)s",
        {"after": after, "search": f"%{_escaped(search)}%", "limit": PAGE_SIZE + 1},
    )
    rows = [RecordLine(number, words or _("Without a name"), is_gone) for number, words, is_gone in found[:PAGE_SIZE]]
    return Page(rows, str(rows[-1].number) if len(found) > PAGE_SIZE else None, None)


def record_of(kind: Kind, sides: Sides, number: int) -> Record | None:
    """One record of the snapshot beside what it is now; None: the snapshot has none of this number (a few queries)."""
    secrets = sorted(REPLACED.get(kind.table, {}))
    found = sides.query(
        f"SELECT {title_of(kind, 's')}, to_jsonb(s) - %(secrets)s::text[], to_jsonb(l) - %(secrets)s::text[]"  # noqa: S608  # as above
        f' FROM {{then}}."{kind.table}" s LEFT JOIN {{living}}."{kind.table}" l ON l.id = s.id WHERE s.id = %(number)s',
        {"secrets": secrets, "number": number},
    )
    if not found:
        return None
    title, then, now = found[0][0], _read(found[0][1]) or {}, _read(found[0][2])
    lines = [*_fields(kind.table, sides, then, now), *_parts(kind.table, sides, number, is_gone=now is None)]
    return Record(number, title or _("Without a name"), now is None, tuple(lines))


def _differs(table: str) -> str:
    """SQL: whether the record `s`, or what belongs to it, is another than `l`."""
    fields = model_of(table)._meta.concrete_fields  # noqa: SLF001  # Django's public-by-use name
    columns = sorted({str(field.column) for field in fields} - columns_apart(table))
    then, now = (", ".join(f'{side}."{name}"' for name in columns) for side in ("s", "l"))
    tests = [f"({then}) IS DISTINCT FROM ({now})"]
    for tie in parts_of(table):
        if tie.table not in TABLES_AS_TODAY:
            sides = (_content(tie.table, tie.column, side) for side in ("then", "living"))
            tests.append("({}) IS DISTINCT FROM ({})".format(*sides))
    return f"({' OR '.join(tests)})"


def _content(table: str, column: str, side: str) -> str:
    row = f"(to_jsonb(p) - '{{{','.join(sorted(_NAMES_A_ROW))}}}'::text[])"
    return f'SELECT jsonb_agg({row} ORDER BY {row}) FROM {{{side}}}."{table}" p WHERE p."{column}" = s.id'  # noqa: S608  # as above


def _fields(
    table: str, sides: Sides, then: Mapping[str, Any], now: Mapping[str, Any] | None
) -> Iterator[FieldLine]:  # Any: JSON
    names = _names_of_others(table, sides, then, now or {})
    for field in model_of(table)._meta.concrete_fields:  # noqa: SLF001  # as above
        column = str(field.column)
        if not is_read(table, field):
            continue
        yield FieldLine(
            FIELD_WORDS.get(column) or capfirst(field.verbose_name),
            names.get((column, "then")) or shown(field, then.get(column), then),
            None if now is None else names.get((column, "now")) or shown(field, now.get(column), now),
        )


def is_read(table: str, field: models.Field[Any, Any]) -> bool:  # Any: whatever Python holds of it
    """Whether people read the field: no secret, nor what the database derives (the number, ranges that follow from others)."""
    is_secret = str(field.column) in _UNREAD | REPLACED.get(table, {}).keys()
    return not (field.primary_key or is_secret or isinstance(field, RangeField))


def _names_of_others(
    table: str,
    sides: Sides,
    then: Row,
    now: Row,
) -> dict[tuple[str, str], str]:
    """By column and side, the words by which what the record points to is known there."""
    names = {}
    for tie in ties_of(table):
        kind = kind_of_table(tie.other)
        if kind is None:
            continue
        for side, schema, row in (("then", "then", then), ("now", "living", now)):
            statement = f'SELECT {title_of(kind, "o")} FROM {{{schema}}}."{tie.other}" o WHERE o.id = %(number)s'  # noqa: S608  # as above
            if row.get(tie.column) is not None and (found := sides.query(statement, {"number": row[tie.column]})):
                names[tie.column, side] = str(found[0][0])
    return names


def _parts(table: str, sides: Sides, number: int, *, is_gone: bool) -> Iterator[FieldLine]:
    for tie in parts_of(table):
        then = _lines_of(tie.table, tie.column, sides, number, "then")
        if is_gone:
            yield FieldLine(PARTS[tie.table], then, None)
        elif tie.table not in TABLES_AS_TODAY:
            yield FieldLine(PARTS[tie.table], then, _lines_of(tie.table, tie.column, sides, number, "living"))


def _lines_of(table: str, column: str, sides: Sides, number: int, side: str) -> str:
    """A line for each part, in words."""
    statement = f'SELECT to_jsonb(p) FROM {{{side}}}."{table}" p WHERE p."{column}" = %(number)s ORDER BY p.id'  # noqa: S608  # as above
    lines = []
    for (stored,) in sides.query(statement, {"number": number}):
        row = _read(stored) or {}
        fields = model_of(table)._meta.concrete_fields  # noqa: SLF001  # as above
        told = (field for field in fields if field.column not in {*_NAMES_A_ROW, column})
        texts = (shown(field, row.get(str(field.column)), row) for field in told)
        lines.append(" · ".join(text for text in texts if text != NOTHING))
    return "\n".join(sorted(lines)) or NOTHING


def _read(stored: Any) -> dict[str, Any] | None:  # Any: psycopg's or Django's form of jsonb
    read = json.loads(stored) if isinstance(stored, str) else stored
    return read if isinstance(read, dict) else None


def _escaped(search: str) -> str:
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
