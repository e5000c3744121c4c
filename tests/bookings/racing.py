"""Many threads that begin at the same moment, each with its own connection and its own scope."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection

from tenants.context import TenantContext
from tenants.scope import tenant_scope

_PATIENCE_SECONDS = 60


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
            connection.close()

    threads = [threading.Thread(target=run, args=(index, work)) for index, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_PATIENCE_SECONDS)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return outcomes


def of_type(outcomes: Sequence[Any], kind: type) -> list[Any]:
    return [outcome for outcome in outcomes if isinstance(outcome, kind)]
