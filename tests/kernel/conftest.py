"""What the kernel's tests share: sample events wired up, and threads that race."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connections

from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import platform_scope
from tests.factories.tenants import ALPHA_ID
from tests.kernel import samples


@pytest.fixture
def wired(settings) -> Iterator[None]:
    """The outbox relays the sample events to the sample handlers, and remembers who rang."""
    settings.EVENT_SUBSCRIPTIONS = "tests.kernel.samples.SUBSCRIPTIONS"
    settings.OUTBOX_DOORBELL = "tests.kernel.samples.note_ring"
    samples.forget()
    yield
    samples.forget()


@pytest.fixture
def committed(own_database) -> Iterator[str]:
    """A database of the test's own in which transactions really end; the test stands on the platform's tables."""
    with platform_scope(reason="test"):
        yield own_database


@pytest.fixture
def tenant(committed) -> TenantContext:
    """A tenant in the test's own database; not entered."""
    context = context_for(ALPHA_ID)
    assert context is not None
    return context


@pytest.fixture
def race() -> Callable[..., list[object]]:
    """Runs a function in threads that start at once, in the platform's scope; returns what each returned or raised."""

    def run(racers: int, function: Callable[[int], object]) -> list[object]:
        results: list[object] = [None] * racers
        start = threading.Barrier(racers)

        def racer(number: int) -> None:
            start.wait()
            try:
                with platform_scope(reason="race"):
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

    return run
