"""Many threads that begin at the same moment, each with its own connection and its own scope."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, connections

from tenants.context import TenantContext
from tenants.scope import tenant_scope

_PATIENCE_SECONDS = 60
_WAITING = """
SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()
"""


def waiting_for_locks() -> int:
    """How many connections to this database wait for a lock right now. Other databases of the server are none of ours."""
    with connection.cursor() as cursor:
        # Within a transaction, the view would show for ever what it showed first.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(_WAITING)
        row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def run_at_once(tenant: TenantContext, works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run each of `works` in a thread of its own inside `tenant`; what each returned, or the exception it raised."""
    barrier, outcomes = threading.Barrier(len(works)), [None] * len(works)

    def run(index: int, work: Callable[[], Any]) -> None:
        try:
            with tenant_scope(tenant):
                connection.ensure_connection()
                barrier.wait(_PATIENCE_SECONDS)
                outcomes[index] = work()
        except Exception as error:  # noqa: BLE001  # an outcome like any other
            outcomes[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index, work)) for index, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_PATIENCE_SECONDS)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return outcomes


def of_type(outcomes: Sequence[Any], kind: type) -> list[Any]:
    return [outcome for outcome in outcomes if isinstance(outcome, kind)]
