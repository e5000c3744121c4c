"""What belongs to a row and what it needs, derived from the models' relations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from django.apps import apps
from django.db import models

from provisioning.archives.contents import COLUMNS_AS_TODAY, REPLACED
from provisioning.archives.kinds import KINDS, PARTS, RISING, STAYS, kind_of_table

# What deleting the other end does to the row: it goes too, or no longer points there. Anything else keeps the other end.
_GOES_TOO: Final = (models.CASCADE, models.DB_CASCADE)
_LETS_GO: Final = (models.SET_NULL, models.DB_SET_NULL)


@dataclass(frozen=True, slots=True)
class Tie:
    """A column of `table` that points to a row of `other`. `is_loose`: without that row it is empty, as after its deletion."""

    table: str
    column: str
    other: str
    is_loose: bool
    is_owned: bool


@cache
def model_of(table: str) -> type[models.Model]:
    """The model whose rows stand in `table`.

    Raises:
        LookupError: there is none.
    """
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table == table:  # noqa: SLF001  # Django's public-by-use name
            return model
    raise LookupError(f"No model has the table {table!r}.")


@cache
def ties_of(table: str) -> tuple[Tie, ...]:
    """Where the rows of `table` point to, in the order of its columns."""
    return tuple(_ties(model_of(table)))


@cache
def parts_of(table: str) -> tuple[Tie, ...]:
    """By which rows of other tables belong to one of `table`, and come with it."""
    return tuple(tie for part in PARTS for tie in ties_of(part) if tie.other == table and tie.is_owned)


@cache
def children_of(table: str) -> tuple[Tie, ...]:
    """By which things of their own kind belong to one of `table`, and went with it."""
    return tuple(tie for kind in KINDS for tie in ties_of(kind.table) if tie.other == table and tie.is_owned)


@cache
def in_order() -> tuple[str, ...]:
    """The tables of all kinds and parts, each behind those that it points to.

    Raises:
        LookupError: there is no such order: one points to a table whose rows never come back, or two to each other.
    """
    waiting = [kind.table for kind in KINDS] + list(PARTS)
    ordered: list[str] = []
    while waiting:
        free = [table for table in waiting if all(tie.other in (*ordered, table) for tie in ties_of(table))]
        if not free:
            raise LookupError(f"In no order: {', '.join(waiting)}.")
        ordered += free
        waiting = [table for table in waiting if table not in free]
    return tuple(ordered)


@cache
def touched_columns(table: str) -> frozenset[str]:
    """Columns that say when a row was last written."""
    fields = model_of(table)._meta.concrete_fields  # noqa: SLF001  # as above
    return frozenset(str(field.column) for field in fields if getattr(field, "auto_now", False))


def columns_of_today(table: str) -> frozenset[str]:
    """Columns that are as they are today, whichever record comes back: secrets, ways to sign in, when somebody was here."""
    return frozenset(REPLACED.get(table, {})) | COLUMNS_AS_TODAY.get(table, frozenset()) | STAYS.get(table, frozenset())


def columns_apart(table: str) -> frozenset[str]:
    """Columns that make no difference between then and now: those of today, and what only counts changes."""
    return columns_of_today(table) | touched_columns(table) | RISING.get(table, frozenset())


def _ties(model: type[models.Model]) -> Iterator[Tie]:
    for field in model._meta.concrete_fields:  # noqa: SLF001  # as above
        if isinstance(field, models.ForeignKey):
            act = field.remote_field.on_delete
            other = field.related_model._meta.db_table  # noqa: SLF001  # as above
            yield Tie(model._meta.db_table, field.column, other, act in _LETS_GO, act in _GOES_TOO)  # noqa: SLF001  # as above


def is_kind(table: str) -> bool:
    """Whether rows of `table` can be picked."""
    return kind_of_table(table) is not None
