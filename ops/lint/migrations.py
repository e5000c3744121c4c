"""The migrations rule: old code runs on the new schema while the fleet migrates, so a migration only adds (ADR 0010).

What takes away is the second half of an expansion of an earlier release, and says so: `expansion = "app.0002_name"` on the
Migration. Usage: `python -m ops.lint.migrations` prints `module: CODE message` for each finding and exits with 1.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.postgres.operations import NotInTransactionMixin
from django.db import connection
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED, Field, GeneratedField, ManyToManyField, UniqueConstraint

from ops.lint.migration_sql import findings_in_sql

_OURS: Final = ("kernel", "tenants", "shared_apps", "tenant_apps", "provisioning", "themes", "webui")
# Where building an index takes long enough to be felt by whoever writes.
BIG_TABLES: Final = frozenset({"bookings_booking", "outbox_message", "audit_auditentry", "accounts_user", "django_session"})
# A contract may do these; the others harm whatever came before.
_EXCUSED: Final = frozenset({"FLEET01", "FLEET02", "FLEET03", "FLEET04", "FLEET07"})
# From type to type without touching a row: PostgreSQL only forgets a length.
_WIDER: Final = ("character varying", "varchar", "text")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that breaks old code, or holds it up."""

    migration: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.code} {self.message}"


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

    def table_of(self, model: str) -> str:
        """The table of a model of this app."""
        known = self.state.models.get((self.migration.app_label, model.lower()))
        given = known.options.get("db_table") if known else None
        return str(given or f"{self.migration.app_label}_{model.lower()}")


def check_migration(migration: Migration, before: ProjectState, *, earlier: Iterable[str] = ()) -> list[Finding]:
    """What is wrong with `migration`, which comes upon `before`; `earlier` are those it stands upon, each "app.name"."""
    label = f"{migration.app_label}.{migration.name}"
    look = Look(migration, before.clone())
    found = [Finding(label, *problem) for operation in migration.operations for problem in _check(look, operation)]
    expansion = getattr(migration, "expansion", "")
    if not expansion:
        return found
    if expansion not in set(earlier):
        return [*found, Finding(label, "FLEET09", f"expansion = {expansion!r} names no migration that this one stands upon")]
    return [finding for finding in found if finding.code not in _EXCUSED]


def check_all(loader: MigrationLoader) -> list[Finding]:
    """The findings in all migrations of ours, except an app's first one."""
    state = ProjectState(real_apps=loader.unmigrated_apps)
    found, seen = [], set()
    for key in _in_order(loader):
        migration = loader.graph.nodes[key]
        if migration.__module__.split(".")[0] in _OURS and not _is_first(migration):
            upon = {".".join(parent) for parent in loader.graph.forwards_plan(key)} - {".".join(key)}
            found += check_migration(migration, state, earlier=upon)
        seen.add(key)
        state = migration.mutate_state(state, preserve=False)
    return found


def _in_order(loader: MigrationLoader) -> list[tuple[str, str]]:
    plan: dict[tuple[str, str], None] = {}
    for leaf in sorted(loader.graph.leaf_nodes()):
        plan |= dict.fromkeys(loader.graph.forwards_plan(leaf))
    return list(plan)


def _is_first(migration: Migration) -> bool:
    return bool(migration.initial) or migration.name.startswith("0001_")


def _check(look: Look, operation: Operation) -> Iterator[tuple[str, str]]:
    """The problems of one operation; afterwards the state is that behind it."""
    if isinstance(operation, operations.SeparateDatabaseAndState):
        for inner in operation.database_operations:
            yield from _check(Look(look.migration, look.state.clone(), look.created), inner)
    elif isinstance(operation, operations.CreateModel):
        look.created.add(operation.name_lower)
    elif getattr(operation, "model_name_lower", "") not in look.created:
        for rule in _RULES.get(type(operation), ()):
            yield from rule(look, operation)
        yield from _is_slow_on_big_table(look, operation)
    operation.state_forwards(look.migration.app_label, look.state)


def _drops(_look: Look, operation: Any) -> Iterator[tuple[str, str]]:  # Any: an operation of the type in the table below
    yield "FLEET01", f"{operation.describe()}: the version before still reads it"


def _renames(_look: Look, operation: Any) -> Iterator[tuple[str, str]]:  # Any: as above
    yield "FLEET02", f"{operation.describe()}: the version before knows the old name only; add the new one beside it"


def _adds_field(look: Look, operation: operations.AddField) -> Iterator[tuple[str, str]]:
    added = operation.field
    if isinstance(added, ManyToManyField | GeneratedField):
        return
    if not added.null and added.db_default is NOT_PROVIDED:
        yield (
            "FLEET03",
            f"{operation.describe()}: the version before inserts rows without it; give it a db_default or null=True",
        )
    table = look.table_of(operation.model_name)
    if table in BIG_TABLES and _has_index(added):
        yield "FLEET05", f"{operation.describe()}: its index locks the big table {table}; add it concurrently, in a second step"


def _alters_field(look: Look, operation: operations.AlterField) -> Iterator[tuple[str, str]]:
    before, after = look.field_before(operation.model_name, operation.name), operation.field
    if before is None or isinstance(after, ManyToManyField):
        return
    if before.db_column != after.db_column:
        yield from _renames(look, operation)
    if before.null and not after.null and after.db_default is NOT_PROVIDED:
        yield "FLEET03", f"{operation.describe()}: the version before writes NULL into it; give it a db_default first"
    if _rewrites(before, after):
        yield "FLEET04", f"{operation.describe()}: the whole table is rewritten under a lock; add a column and move the values"
    table = look.table_of(operation.model_name)
    if table in BIG_TABLES and _has_index(after) and not _has_index(before):
        yield "FLEET05", f"{operation.describe()}: its index locks the big table {table}; add it concurrently"


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


def _is_slow_on_big_table(look: Look, operation: Operation) -> Iterator[tuple[str, str]]:
    match operation:
        case operations.AddIndex(model_name=model) if not isinstance(operation, NotInTransactionMixin):
            kind = "index"
        case operations.AddConstraint(model_name=model, constraint=constraint) if _builds_index(constraint):
            kind = "constraint"
        case _:
            return
    table = look.table_of(model)
    if table in BIG_TABLES:
        yield "FLEET05", f"{operation.describe()}: the {kind} locks the big table {table}; build its index concurrently"


def _builds_index(constraint: object) -> bool:
    return isinstance(constraint, UniqueConstraint) or type(constraint).__name__ == "ExclusionConstraint"


def _runs_python(_look: Look, operation: operations.RunPython) -> Iterator[tuple[str, str]]:
    if operation.reverse_code is None:
        yield "FLEET06", "RunPython without reverse_code: say how it is taken back, or that nothing has to be (noop)"


def _runs_sql(_look: Look, operation: operations.RunSQL) -> Iterator[tuple[str, str]]:
    if operation.reverse_sql is None:
        yield "FLEET06", "RunSQL without reverse_sql: say how it is taken back, or that nothing has to be (noop)"
    if isinstance(operation.sql, str):
        statements = [operation.sql]
    else:
        statements = [part if isinstance(part, str) else part[0] for part in operation.sql]
    yield from findings_in_sql(";\n".join(statements), big_tables=BIG_TABLES)


_RULES: Final[Mapping[type[Operation], tuple[Any, ...]]] = {  # Any: a rule for an operation of its key's type
    operations.RemoveField: (_drops,),
    operations.DeleteModel: (_drops,),
    operations.RenameField: (_renames,),
    operations.RenameModel: (_renames,),
    operations.AlterModelTable: (_renames,),
    operations.AddField: (_adds_field,),
    operations.AlterField: (_alters_field,),
    operations.RunPython: (_runs_python,),
    operations.RunSQL: (_runs_sql,),
}


def main() -> int:
    """Check all migrations of ours."""
    import django

    django.setup()
    findings = check_all(MigrationLoader(None))
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
