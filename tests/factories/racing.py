"""Threads that start at the same moment, each in a scope of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection, connections

from tenants.context import TenantContext
from tenants.scope import platform_scope, schema_scope, tenant_scope


def race(racers: int, function: Callable[[int], object], *, tenant: TenantContext | None = None) -> list[object]:
    """Run `function(number)` in this many threads, inside `tenant` or on the platform; what each returned or raised."""
    results: list[object] = [None] * racers
    start = threading.Barrier(racers)

    def racer(number: int) -> None:
        start.wait()
        try:
            with platform_scope(reason="race") if tenant is None else tenant_scope(tenant):
                results[number] = function(number)
        except Exception as error:  # noqa: BLE001  # the test looks at it
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=racer, args=(number,)) for number in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def drop_unique(tenant: TenantContext, index: str) -> None:
    """Take a unique constraint of the tenant's schema away, in a database of the test's own: the guard of a race."""
    with schema_scope(tenant.schema, reason="negative control"), connection.cursor() as cursor:
        cursor.execute("SELECT conrelid::regclass::text FROM pg_constraint WHERE conindid = to_regclass(%s)", [index])
        row = cursor.fetchone()
        cursor.execute(f"ALTER TABLE {row[0]} DROP CONSTRAINT {index}" if row else f"DROP INDEX {index}")


def after_everybody[**P, R](racers: int, function: Callable[P, R]) -> Callable[P, R]:
    """`function`, from which nobody returns before all of the racers have been through it: the worst moment there is."""
    everybody = threading.Barrier(racers)

    def waiting(*args: P.args, **kwargs: P.kwargs) -> R:
        answer = function(*args, **kwargs)
        everybody.wait(30)
        return answer

    return waiting
