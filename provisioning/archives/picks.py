"""Which rows are to come back: by kind, as a person picked them, and with what belongs to them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self

from django.db import connection, models
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from kernel.errors import Conflict, Invalid
from provisioning.archives.contents import TABLES_AS_TODAY
from provisioning.archives.kinds import Kind, kind_of_code, kind_of_table
from provisioning.archives.kinship import children_of, is_kind, model_of, parts_of, ties_of
from tenants.clusters import on_cluster
from tenants.schemas import quoted
from tenants.scope import schema_scope

MOST: Final = 200
_LARGEST_NUMBER: Final = 2**63 - 1
# What names files: keys of our own making.
_WORD: Final = re.compile(r"[A-Za-z0-9_-]{16,200}")


class RecordRefused(Conflict):
    """One of the records cannot come back; nothing was changed."""

    code = "record_refused"


class NeedsOthers(RecordRefused):
    """What the records need is gone as well. `picks`: the same records together with that."""

    code = "record_needs_others"

    def __init__(self, message: str | Promise, *, picks: Picks) -> None:
        super().__init__(message)
        self.picks = picks


@dataclass(frozen=True, slots=True)
class Picks:
    """Numbers of rows by table."""

    rows: Mapping[str, frozenset[int]]

    @classmethod
    def of(cls, kind: Kind, texts: Iterable[str]) -> Self:
        """The rows of one kind, by their numbers as a form has them.

        Raises:
            Invalid: none, too many, or no numbers.
        """
        return cls.from_text(f"{kind.code}:{','.join(texts)}")

    @classmethod
    def from_text(cls, text: str) -> Self:
        """What `as_text` wrote.

        Raises:
            Invalid: nothing is in it, too much, or something else.
        """
        rows: dict[str, frozenset[int]] = {}
        for part in text.split():
            code, _colon, numbers = part.partition(":")
            kind = kind_of_code(code)
            if kind is None:
                raise Invalid(_("There is no such kind of records."))
            rows[kind.table] = frozenset(_number(number) for number in numbers.split(",") if number)
        count = sum(map(len, rows.values()))
        if not count:
            raise Invalid(_("Choose at least one record."))
        if count > MOST:
            raise Invalid(_("Choose at most %(most)d records at a time.") % {"most": MOST})
        return cls(rows)

    def as_text(self) -> str:
        """Short, and the same for the same picks."""
        kinds = ((kind_of_table(table), ids) for table, ids in sorted(self.rows.items()))
        return " ".join(f"{kind.code}:{','.join(map(str, sorted(ids)))}" for kind, ids in kinds if kind is not None and ids)

    def with_rows(self, table: str, ids: Iterable[int]) -> Picks:
        """These and more."""
        return Picks({**self.rows, table: self.rows.get(table, frozenset()) | frozenset(ids)})

    def __len__(self) -> int:
        return sum(map(len, self.rows.values()))


@dataclass
class Plan:
    """What happens to which rows: `gone` ones are put in, `changed` ones set back; `parts` are replaced as a whole.

    `parts` and `parts_now` are numbers of rows of then and of now.
    """

    gone: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    changed: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    parts: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    parts_now: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def is_coming(self, table: str, number: int) -> bool:
        return number in self.gone[table]


@dataclass(frozen=True)
class Sides:
    """The living schema, and the one in which things are as they were, on one cluster.

    Read as their owner, in the caller's transaction.
    """

    living: str
    then: str
    database: str

    def query(self, statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:  # Any: values of rows
        """Rows of a statement in which `{living}` and `{then}` stand for the schemas; other names are those of our models."""
        with self._cursor() as cursor:
            cursor.execute(self.named(statement), parameters)
            return list(cursor.fetchall())

    def run(self, statement: str, parameters: Mapping[str, Any] | None = None) -> int:  # Any: as above
        """How many rows a statement wrote."""
        with self._cursor() as cursor:
            cursor.execute(self.named(statement), parameters)
            return int(cursor.rowcount)

    @contextmanager
    def _cursor(self) -> Generator[Any]:  # Any: the witness' cursor, untyped upstream
        with on_cluster(self.database), schema_scope(self.living, reason="single records"), connection.cursor() as cursor:
            yield cursor

    def named(self, statement: str) -> str:
        return statement.replace("{living}", quoted(self.living)).replace("{then}", quoted(self.then))


def plan_for(picks: Picks, sides: Sides) -> Plan:
    """What bringing these back takes.

    Raises:
        RecordRefused: one is not in the snapshot, or its number is another's by now.
        NeedsOthers: something that they need is gone as well.
    """
    plan = Plan()
    for table, ids in picks.rows.items():
        _add_picked(plan, sides, table, ids)
    _add_children(plan, sides)
    _require_needed(plan, sides, picks)
    _add_parts(plan, sides)
    return plan


def _add_picked(plan: Plan, sides: Sides, table: str, ids: Iterable[int]) -> None:
    wanted = set(ids)
    found = sides.query(
        f'SELECT s.id, l.id IS NULL, l.public_id = s.public_id FROM {{then}}."{table}" s'  # noqa: S608  # our models' table
        f' LEFT JOIN {{living}}."{table}" l ON l.id = s.id WHERE s.id = ANY(%(ids)s)',
        {"ids": sorted(wanted)},
    )
    if len(found) < len(wanted):
        raise RecordRefused(_("A record that was chosen is not in the snapshot."))
    for number, is_gone, is_same in found:
        if not is_gone and not is_same:
            raise RecordRefused(_("The number of a record that was chosen is another record's by now."))
        (plan.gone if is_gone else plan.changed)[table].add(number)


def _add_children(plan: Plan, sides: Sides) -> None:
    """What was deleted together with something that comes back comes back with it; what is there stays as it is."""
    waiting = [(table, set(ids)) for table, ids in plan.gone.items() if ids]
    while waiting:
        table, ids = waiting.pop()
        for tie in children_of(table):
            found = sides.query(
                f'SELECT s.id FROM {{then}}."{tie.table}" s WHERE s."{tie.column}" = ANY(%(ids)s)'  # noqa: S608  # our models'
                f' AND NOT EXISTS (SELECT FROM {{living}}."{tie.table}" l WHERE l.id = s.id)',
                {"ids": sorted(ids)},
            )
            if fresh := {number for (number,) in found} - plan.gone[tie.table]:
                plan.gone[tie.table] |= fresh
                waiting.append((tie.table, fresh))


def _add_parts(plan: Plan, sides: Sides) -> None:
    for table in [*plan.gone, *plan.changed]:
        for tie in parts_of(table):
            # Addresses of somebody who is here are as they are today.
            owners = plan.gone[table] if tie.table in TABLES_AS_TODAY else plan.gone[table] | plan.changed[table]
            plan.parts[tie.table] |= _parts(sides, "then", tie.table, tie.column, owners)
            plan.parts_now[tie.table] |= _parts(sides, "living", tie.table, tie.column, owners)


def _parts(sides: Sides, side: str, table: str, column: str, owners: Iterable[int]) -> set[int]:
    statement = f'SELECT id FROM {{{side}}}."{table}" WHERE "{column}" = ANY(%(ids)s)'  # noqa: S608  # our models'
    return {number for (number,) in sides.query(statement, {"ids": sorted(owners)})}


def _require_needed(plan: Plan, sides: Sides, picks: Picks) -> None:
    """Everything that the rows point to is there, or comes with them."""
    names: list[str] = []
    more = picks
    for table in [*plan.gone, *plan.changed]:
        rows = plan.gone[table] | plan.changed[table]
        for tie in ties_of(table):
            if tie.is_loose:
                continue
            lacking = set(_lacking(sides, tie.table, tie.column, tie.other, rows)) - plan.gone[tie.other]
            if lacking and is_kind(tie.other):
                names += _names(sides, tie.other, lacking)
                more = more.with_rows(tie.other, lacking)
    if names:
        raise NeedsOthers(
            _("What this needs is gone as well: %(names)s. Bring it back together with it.") % {"names": ", ".join(names)},
            picks=more,
        )


def _lacking(sides: Sides, table: str, column: str, other: str, rows: Iterable[int]) -> list[int]:
    found = sides.query(
        f'SELECT DISTINCT s."{column}" FROM {{then}}."{table}" s WHERE s.id = ANY(%(ids)s) AND s."{column}" IS NOT NULL'  # noqa: S608  # our models'
        f' AND NOT EXISTS (SELECT FROM {{living}}."{other}" l WHERE l.id = s."{column}") ORDER BY 1',
        {"ids": sorted(rows)},
    )
    return [number for (number,) in found]


def _names(sides: Sides, table: str, ids: Iterable[int]) -> list[str]:
    kind = kind_of_table(table)
    if kind is None:
        return []
    statement = f'SELECT {title_of(kind, "s")} FROM {{then}}."{table}" s WHERE s.id = ANY(%(ids)s) ORDER BY 1'  # noqa: S608  # as above
    return [f"{kind.one} “{name}”" for (name,) in sides.query(statement, {"ids": sorted(ids)})]


def words_in(plan: Plan, sides: Sides) -> frozenset[str]:
    """Every text in the rows that come back by which a file could be named."""
    words: set[str] = set()
    for group in (plan.gone, plan.changed):
        for table, ids in group.items():
            fields = model_of(table)._meta.concrete_fields  # noqa: SLF001  # Django's public-by-use name
            columns = ", ".join(f'"{field.column}"' for field in fields if isinstance(field, models.CharField))
            if not columns:
                continue
            statement = f'SELECT {columns} FROM {{then}}."{table}" WHERE id = ANY(%(ids)s)'  # noqa: S608  # our models' names
            words |= {value for row in sides.query(statement, {"ids": sorted(ids)}) for value in row if value}
    return frozenset(word for word in words if _WORD.fullmatch(word))


def title_of(kind: Kind, alias: str) -> str:
    """SQL for the words by which a row of this kind is known."""
    columns = ", ".join(f"nullif({alias}.\"{name}\"::text, '')" for name in kind.titles)
    return f"concat_ws(' · ', {columns})"


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _LARGEST_NUMBER:
        raise Invalid(_("Choose at least one record."))
    return int(text)
