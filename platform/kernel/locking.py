"""Locks, for the few cases that a constraint or a conditional update cannot settle; the order to take them in is ADR 0005.

In this order, and never back: advisory locks by name, then rows, table by table from the top of the import order down, by
primary key within a table. Whoever follows it can wait, but cannot deadlock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import OperationalError, connection
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from kernel import wiring
from kernel.errors import Unavailable

PATIENCE = timedelta(seconds=10)
"""How long a person's request waits for somebody else's. Locks are held for milliseconds: this long, something is wrong."""

_LOCK_NOT_AVAILABLE = "55P03"


class NotLocked(RuntimeError):
    """A lock was asked for outside of a transaction: it would be gone again before the next statement."""


class Busy(Unavailable):
    """Somebody else holds the lock for longer than we care to wait; the same request may work in a moment."""

    code = "busy"


def lock_named(what: str) -> None:
    """Wait for the lock called `what` within this scope (a tenant's, or the platform's), and hold it to the transaction's end.

    Advisory locks are database-wide, so the scope is part of the key (R23). Asking again for a lock that is held is fine.
    """
    _run_locked("SELECT pg_advisory_xact_lock(%s)", what)


def try_lock_named(what: str) -> bool:
    """Take the lock called `what` as `lock_named` does if it is free; False, without waiting, if it is not."""
    return bool(_run_locked("SELECT pg_try_advisory_xact_lock(%s)", what))


@contextmanager
def lock_timeout(wait: timedelta = PATIENCE) -> Iterator[None]:
    """Within the block no statement waits for a lock longer than `wait`; one that would raises `Busy`.

    After `Busy` the transaction is broken and must be rolled back, as after any error of the database.
    """
    _require_transaction()
    before = _set_lock_timeout(f"{max(1, round(wait.total_seconds() * 1000))}ms")
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise Busy(_("Somebody else is changing this at the moment. Please try again.")) from error
    # Only after success: a broken transaction takes no statements, and its end takes the setting back anyway.
    _set_lock_timeout(before)


def lock_rows[M: Model](rows: QuerySet[M]) -> list[M]:
    """Lock these rows until the transaction ends, in the order of their primary keys, and return them as they now are.

    Rows that another transaction deletes meanwhile are missing from the result. Joined tables stay unlocked.
    """
    _require_transaction()
    return list(rows.order_by("pk").select_for_update(of=("self",)))


def lock_free_rows[M: Model](rows: QuerySet[M], *, at_most: int) -> list[M]:
    """As `lock_rows`, of those that nobody else has locked, the first `at_most`; never waits. For queues of work."""
    _require_transaction()
    return list(rows.order_by("pk").select_for_update(of=("self",), skip_locked=True)[:at_most])


def _run_locked(statement: str, what: str) -> object:
    _require_transaction()
    with connection.cursor() as cursor:
        cursor.execute(statement, [_key(wiring.lock_namespace(), what)])
        row = cursor.fetchone()
    return row[0] if row else None


def _key(namespace: str, what: str) -> int:
    """64 bits of the scope and the name: two names that share a key by chance merely wait for each other."""
    # The length keeps ("a", "bc") and ("ab", "c") apart.
    digest = hashlib.blake2b(f"{len(namespace)}:{namespace}{what}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _set_lock_timeout(value: str) -> str:
    """Set it until the transaction ends; returns the value before."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)", [value])
        row = cursor.fetchone()
    assert row is not None
    return str(row[0])


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise NotLocked("take locks inside transaction.atomic()")
