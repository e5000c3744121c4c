"""Inserts that may lose a race without an error: the constraint decides, and the caller learns who won."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.constants import OnConflict
from django.db.models.expressions import DatabaseDefault


def insert_or_none[M: Model](instance: M) -> M | None:
    """Save a new `instance`, or return None where any unique or exclusion constraint says that another row was first.

    `INSERT … ON CONFLICT DO NOTHING RETURNING`: a loser costs no error, no savepoint and no deadlock, and the transaction
    goes on. It waits for a rival that has inserted but not yet committed. Everything else is as in `save()`: default values,
    `pre_save`, the values that the database returns, errors of check and foreign key constraints.
    """
    if instance._meta.parents:  # noqa: SLF001  # Django's public-by-use name
        raise TypeError(f"{type(instance).__name__} lies in several tables; one statement cannot insert it")
    insertion = _Insertion(instance)
    # An attribute of this one object, in front of the method of its class: `save` itself has no word for "or do nothing".
    instance._do_insert = insertion  # type: ignore[attr-defined]  # noqa: SLF001  # the hook of Model._save_table
    try:
        instance.save(force_insert=True)
    finally:
        del instance._do_insert  # type: ignore[attr-defined]  # noqa: SLF001  # as above
    if insertion.won:
        return instance
    instance._state.adding = True  # noqa: SLF001  # `save` believes that it has inserted
    return None


def insertion_of(instance: Model) -> tuple[str, list[Any]]:  # Any: what the driver takes
    """The statement by which a new `instance` is inserted, or nothing where it is there already, and its values.

    For whoever does more by the same statement (`WITH kept AS (…) SELECT … FROM kept`): it returns the primary key of the row
    that it made. Default values and `pre_save` are as in `save()`; the instance stays as it is, and hears of nothing.
    """
    meta, quoted = instance._meta, connection.ops.quote_name  # noqa: SLF001  # Django's public-by-use name
    written = dict(_written(instance))
    columns = ", ".join(quoted(name) for name in written)
    statement = (
        f"INSERT INTO {quoted(meta.db_table)} ({columns}) VALUES ({', '.join(['%s'] * len(written))})"  # noqa: S608  # the model's names
        f" ON CONFLICT DO NOTHING RETURNING {quoted(str(meta.pk.column))}"
    )
    return statement, list(written.values())


def _written(instance: Model) -> Iterator[tuple[str, object]]:
    """Columns with their values, without those that the database fills in."""
    for field in instance._meta.concrete_fields:  # noqa: SLF001  # as above
        value = None if field.generated else field.pre_save(instance, add=True)
        is_the_databases = field.generated or isinstance(value, DatabaseDefault) or (field.primary_key and value is None)
        if not is_the_databases:
            yield str(field.column), field.get_db_prep_save(value, connection)


class _Insertion:
    """Stands in for `Model._do_insert` of one instance (Django 6.1) and remembers whether a row came back."""

    def __init__(self, instance: Model) -> None:
        self._instance = instance
        self._primary_key = instance._meta.pk  # noqa: SLF001  # Django's public-by-use name
        self.won = False

    def __call__(self, manager: Any, using: str, fields: Any, returning_fields: Any, raw: bool) -> Any:  # noqa: FBT001
        # Any, and the bare bool: the signature of Django's method.
        rows = manager._insert(  # noqa: SLF001  # the method that bulk_create(ignore_conflicts=True) stands on too
            [self._instance],
            fields=fields,
            # Something must be returned, or a winner would look like a loser; `save` assigns only what it asked for.
            returning_fields=returning_fields or [self._primary_key],
            using=using,
            raw=raw,
            on_conflict=OnConflict.IGNORE,
        )
        self.won = bool(rows)
        return rows
