"""Brings single records back into the living schema, as far as constraints allow, and takes that back.

The rows as they were before lie in a schema of their own (`kept`), which goes after a week like one that was restored.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import psycopg
from django.db import IntegrityError
from django.utils.translation import gettext as _
from psycopg import sql

from provisioning.archives.kinds import REFUSALS, RISING, kind_of_table, name_of_table
from provisioning.archives.kinship import columns_of_today, in_order, ties_of, touched_columns
from provisioning.archives.picks import Plan, RecordRefused, Sides
from provisioning.archives.snapshot import columns_of
from provisioning.schemas.catalog import Catalog
from tenants.schemas import quoted

_EXCLUDED: Final = "23P01"
_NOT_UNIQUE: Final = "23505"
_NO_PARENT: Final = "23503"


@dataclass(frozen=True)
class Taking:
    """Where rows come from (`source`), where they go (`living`) and what was there before (`kept`)."""

    living: str
    source: str
    kept: str
    database: str
    catalog: Catalog
    now: datetime

    @property
    def sides(self) -> Sides:
        return Sides(self.living, self.source, self.database)

    def columns(self, table: str) -> tuple[str, ...]:
        return columns_of(self.catalog, table)

    def is_guarded(self, table: str) -> bool:
        """Whether a trigger judges how a row changes; one that comes back is none of its changes, so it is put in anew."""
        return any(trigger.table == table for trigger in self.catalog.triggers)


type Noted = dict[str, dict[str, list[int]]]


def take(taking: Taking, plan: Plan) -> Noted:
    """Do what the plan says, and keep what was there before; which rows were put in, set back and replaced, by table.

    Raises:
        RecordRefused: a constraint does not allow it; the sentence says why. The transaction is broken then.
    """
    noted: Noted = {
        "gone": _sorted(plan.gone),
        "changed": _sorted(plan.changed),
        "parts": _sorted(plan.parts),
        "parts_now": _sorted(plan.parts_now),
    }
    with _told():
        _keep(taking, noted["changed"], noted["parts_now"])
        _delete(taking, noted["parts_now"])
        _put(taking, changed=noted["changed"], gone=noted["gone"] | noted["parts"])
        _settle(taking)
    return noted


def take_back(taking: Taking, noted: Noted) -> None:
    """Let everything be as it was before `take`, which noted this.

    Raises:
        RecordRefused: as `take`; something that came since needs what would go.
    """
    with _told():
        _carry_today(taking, noted["changed"])
        _delete(taking, noted["parts"] | noted["gone"])
        _put(replace(taking, source=taking.kept), changed=noted["changed"], gone=noted["parts_now"])
        _settle(taking)


def fingerprints(taking: Taking, noted: Noted) -> dict[str, str]:
    """A short text for each table, which is another one when somebody changed a row that was brought back."""
    found = {}
    for group in ("gone", "changed", "parts"):
        for table, ids in noted[group].items():
            statement = f"SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t.id), '')) FROM {{living}}.\"{table}\" t WHERE t.id = ANY(%(ids)s)"  # noqa: E501, S608  # one of our models' tables
            found[f"{group} {table}"] = str(taking.sides.query(statement, {"ids": ids})[0][0])
    return found


def note_in(taking: Taking, noted: Mapping[str, Any]) -> None:  # Any: JSON
    """Write down where the rows of before lie, and so in one commit with them, what was done; nothing takes it away again."""
    text = sql.Literal(json.dumps(noted) if noted else None).as_string(None)
    taking.sides.run(f"COMMENT ON SCHEMA {quoted(taking.kept)} IS {text}")


def noted_in(taking: Taking) -> dict[str, Any]:  # Any: JSON
    """What `note_in` wrote; empty where it wrote nothing, or the schema is gone."""
    found = taking.sides.query(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %(kept)s", {"kept": taking.kept}
    )
    return dict(json.loads(found[0][0])) if found and found[0][0] else {}


def _keep(taking: Taking, *groups: Mapping[str, list[int]]) -> None:
    """The rows as they are now, locked, so that nobody changes them meanwhile."""
    for group in groups:
        for table, ids in _ordered(group):
            columns = _names(taking.columns(table))
            taking.sides.run(
                f'WITH held AS (SELECT * FROM {{living}}."{table}" WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE)'  # noqa: S608  # our models'
                f' INSERT INTO {quoted(taking.kept)}."{table}" ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM held',
                {"ids": ids},
            )


def _put(taking: Taking, *, changed: Mapping[str, list[int]], gone: Mapping[str, list[int]]) -> None:
    """Set back and put in, table by table, what a row points to before the row."""
    for table in in_order():
        if table in changed:
            _set_back(taking, table, changed[table])
        if table in gone:
            _insert(taking, table, gone[table])


def _set_back(taking: Taking, table: str, ids: list[int]) -> None:
    """Set rows that are there to what the source says; what is as it is today stays."""
    if taking.is_guarded(table):
        taking.sides.run(f'DELETE FROM {{living}}."{table}" WHERE id = ANY(%(ids)s)', {"ids": ids})  # noqa: S608  # as above
        _insert(taking, table, ids)
        return
    values = ", ".join(f'"{name}" = {_value(table, name)}' for name in taking.columns(table) if name != "id")
    taking.sides.run(
        f'UPDATE {{living}}."{table}" t SET {values} FROM {{then}}."{table}" s'  # noqa: S608  # as above
        f' JOIN {quoted(taking.kept)}."{table}" l ON l.id = s.id WHERE t.id = s.id AND s.id = ANY(%(ids)s)',
        {"ids": ids, "now": taking.now},
    )


def _insert(taking: Taking, table: str, ids: list[int]) -> None:
    columns = taking.columns(table)
    values = ", ".join(_value(table, name) for name in columns)
    taking.sides.run(
        f'INSERT INTO {{living}}."{table}" ({_names(columns)}) OVERRIDING SYSTEM VALUE'  # noqa: S608  # as above
        f' SELECT {values} FROM {{then}}."{table}" s LEFT JOIN {quoted(taking.kept)}."{table}" l ON l.id = s.id'
        " WHERE s.id = ANY(%(ids)s)",
        {"ids": ids, "now": taking.now},
    )


def _value(table: str, column: str) -> str:
    """SQL for what a column becomes: `s` is the row as it comes, `l` the one that was there, or nothing."""
    if column in touched_columns(table):
        return "%(now)s::timestamptz"
    if column in RISING.get(table, frozenset()):
        return f'greatest(s."{column}", coalesce(l."{column}", 0)) + 1'
    if column in columns_of_today(table):
        return f'CASE WHEN l.id IS NULL THEN s."{column}" ELSE l."{column}" END'
    tie = next((tie for tie in ties_of(table) if tie.column == column and tie.is_loose), None)
    if tie is not None:
        # As after the deletion of whom it pointed to.
        there = f'SELECT FROM {{living}}."{tie.other}" o WHERE o.id = s."{column}"'  # as above
        return f'CASE WHEN EXISTS ({there}) THEN s."{column}" END'
    return f's."{column}"'


def _carry_today(taking: Taking, rows: Mapping[str, list[int]]) -> None:
    """What is as it is today, and what only rises, is so also when the rows of before come back."""
    for table, ids in _ordered(rows):
        names = columns_of_today(table) | RISING.get(table, frozenset())
        if names:
            values = ", ".join(f'"{name}" = t."{name}"' for name in sorted(names))
            taking.sides.run(
                f'UPDATE {quoted(taking.kept)}."{table}" k SET {values} FROM {{living}}."{table}" t'  # noqa: S608  # as above
                " WHERE t.id = k.id AND k.id = ANY(%(ids)s)",
                {"ids": ids},
            )


def _delete(taking: Taking, rows: Mapping[str, list[int]]) -> None:
    for table, ids in reversed(_ordered(rows)):
        taking.sides.run(f'DELETE FROM {{living}}."{table}" WHERE id = ANY(%(ids)s)', {"ids": ids})  # noqa: S608  # as above


def _settle(taking: Taking) -> None:
    """Everything that would be looked at only when the transaction ends is looked at now."""
    taking.sides.run("SET CONSTRAINTS ALL IMMEDIATE")


@contextmanager
def _told() -> Generator[None]:
    """A constraint's answer in a sentence."""
    try:
        yield
    except IntegrityError as error:
        raise RecordRefused(_sentence(error)) from error


def _sentence(error: IntegrityError) -> str:
    cause = error.__cause__
    if not isinstance(cause, psycopg.Error):
        return _("The database does not take this: nothing was changed.")
    table, constraint = cause.diag.table_name or "", cause.diag.constraint_name or ""
    kind = kind_of_table(table)
    return _("This cannot come back (%(what)s): %(why)s. Nothing was changed.") % {
        "what": kind.one if kind is not None else name_of_table(table),
        "why": REFUSALS.get(constraint) or _why(cause.sqlstate or "", constraint),
    }


def _why(state: str, constraint: str) -> str:
    if state == _EXCLUDED:
        return _("something else takes the same time or place by now")
    if state == _NOT_UNIQUE:
        return _("another one has the same name, address or number by now")
    if state == _NO_PARENT:
        return _("something that came since belongs to it, or what it belongs to is gone")
    return _("it does not keep to the rule “%(name)s”") % {"name": constraint}


def _ordered(rows: Mapping[str, list[int]]) -> list[tuple[str, list[int]]]:
    return [(table, rows[table]) for table in in_order() if rows.get(table)]


def _sorted(rows: Mapping[str, Iterable[int]]) -> dict[str, list[int]]:
    return {table: sorted(ids) for table, ids in sorted(rows.items()) if ids}


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
