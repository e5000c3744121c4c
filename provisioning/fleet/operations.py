"""Which migrations are the same SQL for every schema, and which need a look at each one. Pure: no database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.contrib.postgres.operations import AddIndexConcurrently, NotInTransactionMixin, RemoveIndexConcurrently
from django.db.migrations import Migration
from django.db.migrations.operations import AddField, AlterField, RunPython, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED, Field

# Called anew for each row or not at all, and the same for every tenant.
_CONSTANT_CALLABLES = (dict, list, set, tuple, str, int, bool, float)


def reasons_for_slow_road(migration: Migration) -> list[str]:
    """Why this migration cannot be replayed, as sentences for the operator; empty when it can."""
    reasons = [reason for operation in database_operations(migration) for reason in _reasons(operation)]
    if not migration.atomic:
        reasons.append("is not atomic")
    return list(dict.fromkeys(reasons))


def database_operations(migration: Migration) -> Iterator[Operation]:
    """The operations that touch the database, those inside of SeparateDatabaseAndState included."""
    return _flat(migration.operations)


def indexes_changed_concurrently(migration: Migration) -> list[str]:
    """The indexes that a try, killed half-way, may leave half-built or half-dropped."""
    return [name for operation in database_operations(migration) for name in _concurrent_index(operation)]


def is_concurrent(migration: Migration) -> bool:
    """Whether it waits for other transactions of the database, and lets everybody work meanwhile."""
    return any(isinstance(operation, NotInTransactionMixin) for operation in database_operations(migration))


def _concurrent_index(operation: Operation) -> Iterator[str]:
    if isinstance(operation, AddIndexConcurrently):
        yield operation.index.name
    elif isinstance(operation, RemoveIndexConcurrently):
        yield operation.name


def _flat(operations: Sequence[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _reasons(operation: Operation) -> Iterator[str]:
    if isinstance(operation, RunPython):
        yield "runs Python"
    elif not operation.reduces_to_sql:
        yield f"{type(operation).__name__} is not only SQL"
    if isinstance(operation, NotInTransactionMixin):
        yield f"{type(operation).__name__} cannot run in a transaction"
    if isinstance(operation, AddField | AlterField) and _is_computed(operation.field):
        # A plan holds one value, which every tenant would get: of a token or a random prefix, that is a leak.
        yield f"the default of {operation.model_name}.{operation.name} is computed"


def _is_computed(field: Field[object, object]) -> bool:
    default = field.default
    return default is not NOT_PROVIDED and callable(default) and default not in _CONSTANT_CALLABLES
