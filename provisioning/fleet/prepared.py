"""Statements that PostgreSQL plans once for a connection: over a fleet, planning costs more than most of them do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

from django.db import Error as DatabaseFailure
from django.db import connection as _connection

from tenants.backend.base import DatabaseWrapper

connection = cast("DatabaseWrapper", _connection)

_DIVISION_BY_ZERO: Final = "22012"
# By psycopg's connection: a new one knows nothing.
_known: Final[WeakKeyDictionary[Any, set[str]]] = WeakKeyDictionary()  # Any: Django types its connection as a protocol


@dataclass(frozen=True)
class Prepared:
    """One statement, whose parameters are $1, $2, … of `types`; every table in it is named with its schema."""

    purpose: str
    types: str
    sql: str

    @cached_property
    def name(self) -> str:
        return f"{self.purpose}_{hashlib.sha256(self.sql.encode()).hexdigest()[:8]}"

    def call(self, *values: int | str) -> str:
        """The statement that runs it. With the plan that was made once only while `plan_cache_mode` says so."""
        return f"EXECUTE {self.name} ({', '.join(map(_literal, values))})"


def prepare(*statements: Prepared) -> None:
    """Prepare what the connection does not know yet, in any scope; it keeps them to its end, past every rollback."""
    connection.ensure_connection()
    known = _known.setdefault(connection.connection, set())
    for each in statements:
        if each.name not in known:
            with connection.cursor() as cursor:
                cursor.execute(f"PREPARE {each.name} ({each.types}) AS {each.sql}")
            known.add(each.name)


def claims(sql: str, *, rows: int) -> str:
    """`sql`, which ends in RETURNING or is a SELECT, as a statement that fails unless it gives just so many rows.

    A text of many statements ends at the first that fails, so that a claim decides inside of it what else the client would
    have to be asked. `does_not_hold` knows its error.
    """
    return f"WITH claimed AS ({sql}) SELECT 1 / (count(*) = {rows})::int FROM claimed"  # noqa: S608  # statements of ours


def does_not_hold(error: DatabaseFailure) -> bool:
    """Whether this may be the error of a claim; a statement that is none may divide by zero, too."""
    return getattr(error.__cause__, "sqlstate", None) == _DIVISION_BY_ZERO


def _literal(value: int | str) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
