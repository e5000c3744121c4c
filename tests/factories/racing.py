"""Threads that start at the same moment, each in a scope of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connections

from tenants.context import TenantContext
from tenants.scope import platform_scope, tenant_scope


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


def after_everybody[**P, R](racers: int, function: Callable[P, R]) -> Callable[P, R]:
    """`function`, from which nobody returns before all of the racers have been through it: the worst moment there is."""
    everybody = threading.Barrier(racers)

    def waiting(*args: P.args, **kwargs: P.kwargs) -> R:
        answer = function(*args, **kwargs)
        everybody.wait(30)
        return answer

    return waiting
