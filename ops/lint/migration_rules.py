"""What each kind of operation does to old code that runs on the new schema; a kind that is not named here is refused."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    CreateCollation,
    CreateExtension,
    NotInTransactionMixin,
    ValidateConstraint,
)
from django.db import connection
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, CheckConstraint, Field, GeneratedField, ManyToManyField, UniqueConstraint

from ops.lint.migration_sql import findings_in_sql

# Where building an index takes long enough to be felt by whoever writes.
BIG_TABLES: Final = frozenset({"bookings_booking", "outbox_message", "audit_auditentry", "accounts_user", "django_session"})
# From type to type without touching a row: PostgreSQL only forgets a length.
_WIDER: Final = ("character varying", "varchar", "text")
_SQL_IN_PYTHON: Final = re.compile(r"\.(?:execute|executemany|cursor|raw)\(")

type Problems = Iterator[tuple[str, str]]
"""Pairs of code and sentence."""


@dataclass(slots=True)
class Look:
    """A migration under the linter: the state before the current operation, and the tables that it made itself."""

    migration: Migration
    state: ProjectState
    created: set[str] = field(default_factory=set)

    def field_before(self, model: str, name: str) -> Field[Any, Any] | None:  # Any: of any type
        """The field as it was."""
        known = self.state.models.get((self.migration.app_label, model.lower()))
        return known.fields.get(name) if known else None

    def constraint_before(self, model: str, name: str) -> object:
        """The constraint that has this name now."""
        known = self.state.models.get((self.migration.app_label, model.lower()))
        named = {one.name: one for one in (known.options.get("constraints", []) if known else [])}
        return named.get(name)

    def table_of(self, model: str) -> str:
        """The table of a model of this app."""
        known = self.state.models.get((self.migration.app_label, model.lower()))
        given = known.options.get("db_table") if known else None
        return str(given or f"{self.migration.app_label}_{model.lower()}")

    def is_big(self, model: str) -> bool:
        """Whether its table is long enough for a lock to be felt."""
        return self.table_of(model) in BIG_TABLES


def problems_of(look: Look, operation: Operation) -> Problems:
    """What is wrong with one operation on a table that was there before."""
    for kinds, rule in _RULES:
        if isinstance(operation, kinds):
            yield from rule(look, operation)
            return
    yield "FLEET10", f"{type(operation).__name__}: ops.lint.migration_rules does not know what it does; say so there"


def _nothing(_look: Look, _operation: Any) -> Problems:  # Any: as in the table below
    yield from ()


def _drops(_look: Look, operation: Any) -> Problems:  # Any: an operation of the type in the table below
    yield "FLEET01", f"{operation.describe()}: the version before still reads it"


def _renames(_look: Look, operation: Any) -> Problems:  # Any: as above
    yield "FLEET02", f"{operation.describe()}: the version before knows the old name only; add the new one beside it"


def _adds_field(look: Look, operation: operations.AddField) -> Problems:
    added = operation.field
    if isinstance(added, ManyToManyField | GeneratedField):
        return
    if not added.null and added.db_default is NOT_PROVIDED:
        yield (
            "FLEET03",
            f"{operation.describe()}: the version before inserts rows without it; give it a db_default or null=True",
        )
    if look.is_big(operation.model_name) and _has_index(added):
        yield "FLEET05", f"{operation.describe()}: its index locks a big table; add it concurrently, in a second step"


def _alters_field(look: Look, operation: operations.AlterField) -> Problems:
    before, after = look.field_before(operation.model_name, operation.name), operation.field
    if before is None or isinstance(after, ManyToManyField):
        return
    if before.db_column != after.db_column:
        yield from _renames(look, operation)
    if before.null and not after.null:
        # A db_default does not help: who leaves a nullable field empty inserts NULL, in so many words.
        yield "FLEET03", f"{operation.describe()}: the version before writes NULL into it"
    if before.db_default is not NOT_PROVIDED and after.db_default is NOT_PROVIDED and not after.null:
        yield "FLEET03", f"{operation.describe()}: the version before counts on its db_default"
    if _rewrites(before, after):
        yield "FLEET04", f"{operation.describe()}: the whole table is rewritten under a lock; add a column and move the values"
    if look.is_big(operation.model_name) and _has_index(after) and not _has_index(before):
        yield "FLEET05", f"{operation.describe()}: its index locks a big table; add it concurrently"


def _has_index(of: Field[Any, Any]) -> bool:  # Any: a field of any type
    return bool(getattr(of, "db_index", False) or of.unique)


def _rewrites(before: Field[Any, Any], after: Field[Any, Any]) -> bool:  # Any: fields of any type
    if before.is_relation or after.is_relation:
        return before.is_relation != after.is_relation
    old, new = before.db_type(connection) or "", after.db_type(connection) or ""
    if old == new:
        return False
    if old.startswith(_WIDER) and new.startswith(_WIDER):
        return (after.max_length or sys.maxsize) < (before.max_length or sys.maxsize)
    return True


def _adds_index(look: Look, operation: operations.AddIndex) -> Problems:
    if look.is_big(operation.model_name) and not isinstance(operation, NotInTransactionMixin):
        yield "FLEET05", f"{operation.describe()}: the index locks a big table; build it concurrently"


def _adds_constraint(look: Look, operation: operations.AddConstraint) -> Problems:
    constraint = operation.constraint
    if isinstance(constraint, CheckConstraint):
        yield "FLEET03", f"{operation.describe()}: the version before may write what it forbids"
        if look.is_big(operation.model_name) and not isinstance(operation, AddConstraintNotValid):
            yield "FLEET05", f"{operation.describe()}: it reads a big table under a lock; add it not valid, validate it later"
    elif look.is_big(operation.model_name) and _builds_index(constraint):
        yield "FLEET05", f"{operation.describe()}: the constraint locks a big table; build its index concurrently"


def _builds_index(constraint: object) -> bool:
    return isinstance(constraint, UniqueConstraint) or type(constraint).__name__ == "ExclusionConstraint"


def _removes_constraint(look: Look, operation: operations.RemoveConstraint) -> Problems:
    if _builds_index(look.constraint_before(operation.model_name, operation.name)):
        yield "FLEET01", f"{operation.describe()}: the version before counts on it (ON CONFLICT, or finding one row)"


def _sets_together(look: Look, operation: operations.AlterUniqueTogether) -> Problems:
    known = look.state.models.get((look.migration.app_label, operation.name_lower))
    before = {tuple(names) for names in (known.options.get("unique_together") if known else None) or ()}
    after = {tuple(names) for names in operation.option_value or ()}
    if before - after:
        yield "FLEET01", f"{operation.describe()}: the version before counts on what it takes away"
    if after - before and look.is_big(operation.name):
        yield "FLEET05", f"{operation.describe()}: the constraint locks a big table; build its index concurrently"


def _orders(_look: Look, operation: operations.AlterOrderWithRespectTo) -> Problems:
    yield "FLEET03", f"{operation.describe()}: the version before inserts rows without the column that it makes"


def _runs_python(_look: Look, operation: operations.RunPython) -> Problems:
    if operation.reverse_code is None:
        yield "FLEET06", "RunPython without reverse_code: say how it is taken back, or that nothing has to be (noop)"
    for code in (operation.code, operation.reverse_code):
        if code is not None and code is not operations.RunPython.noop and _SQL_IN_PYTHON.search(_source_of(code)):
            yield "FLEET07", "RunPython that sends SQL of its own: nobody checks it there; write it as RunSQL"


def _source_of(code: Callable[..., object]) -> str:
    try:
        return inspect.getsource(code)
    except (OSError, TypeError):
        return ""


def _runs_sql(_look: Look, operation: operations.RunSQL) -> Problems:
    if operation.reverse_sql is None:
        yield "FLEET06", "RunSQL without reverse_sql: say how it is taken back, or that nothing has to be (noop)"
    if isinstance(operation.sql, str):
        statements = [operation.sql]
    else:
        statements = [part if isinstance(part, str) else part[0] for part in operation.sql]
    yield from findings_in_sql(";\n".join(statements), big_tables=BIG_TABLES)


# The first that fits decides, so a kind stands before those that it derives from.
_RULES: Final[tuple[tuple[tuple[type, ...], Callable[[Look, Any], Problems]], ...]] = (  # Any: an operation of those kinds
    ((operations.RemoveField, operations.DeleteModel), _drops),
    ((operations.RenameField, operations.RenameModel, operations.AlterModelTable), _renames),
    ((operations.AddField,), _adds_field),
    ((operations.AlterField,), _alters_field),
    ((operations.AddIndex,), _adds_index),
    ((operations.AddConstraint,), _adds_constraint),
    ((operations.RemoveConstraint,), _removes_constraint),
    ((operations.AlterUniqueTogether,), _sets_together),
    ((operations.AlterOrderWithRespectTo,), _orders),
    ((operations.RunPython,), _runs_python),
    ((operations.RunSQL,), _runs_sql),
    (
        (
            operations.AlterModelOptions,
            operations.AlterModelManagers,
            operations.AlterModelTableComment,
            operations.RemoveIndex,
            operations.RenameIndex,
            ValidateConstraint,
            CreateExtension,
            CreateCollation,
        ),
        _nothing,
    ),
)
