"""How the relay writes its books: in the platform's scope, in transactions that are over before a handler begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.db import InterfaceError, OperationalError, transaction

from kernel import wiring

_REASON = "outbox relay"


@contextmanager
def bookkeeping() -> Iterator[None]:
    """A transaction of the relay's own, on the cluster whose books are kept: in the platform's scope, and the outermost one.

    So it really ends here.
    """
    with wiring.enter_books(reason=_REASON):
        connection = transaction.get_connection()
        if not connection.in_atomic_block:
            # A handler whose connection broke must not take the record of its failure down with it.
            connection.close_if_unusable_or_obsolete()
        with transaction.atomic(durable=True):
            yield


def by_one_statement[T](act: Callable[[], T]) -> T:
    """As `bookkeeping`, for what is one statement: a transaction by itself, so one round trip instead of four.

    Nobody asks beforehand whether the connection still stands. Where it was lost meanwhile, `act` is done once more on a new
    one: it must be harmless then that the first one may have come through.
    """
    with wiring.enter_books(reason=_REASON):
        connection = transaction.get_connection()
        if connection.atomic_blocks and not connection.atomic_blocks[-1]._from_testcase:  # noqa: SLF001  # as Django's own check
            raise RuntimeError("One statement is durable only outside of any transaction.")
        # Whoever cannot even be reached is not asked twice.
        connection.close_if_health_check_failed()
        connection.ensure_connection()
        with suppress(OperationalError, InterfaceError):
            return act()
    with bookkeeping():
        return act()
