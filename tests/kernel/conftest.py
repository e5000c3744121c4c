"""What the kernel's tests share: sample events wired up, and threads that race."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator

import hypothesis
import pytest
from django.db import connection, connections

from ops.local.databases import copied_database
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import owner_scope, platform_scope
from tests.factories.tenants import ALPHA_ID
from tests.kernel import job_samples, samples

# A busy machine is slow now and then; that is no finding of a property test.
hypothesis.settings.register_profile("steady", deadline=None)
hypothesis.settings.load_profile("steady")


@pytest.fixture
def wired(settings) -> Iterator[None]:
    """The outbox relays the sample events to the sample handlers, and remembers who rang."""
    settings.EVENT_SUBSCRIPTIONS = "tests.kernel.samples.SUBSCRIPTIONS"
    settings.OUTBOX_DOORBELL = "tests.kernel.samples.note_ring"
    settings.JOB_KINDS = "tests.kernel.job_samples.KINDS"
    samples.forget()
    job_samples.forget()
    yield
    samples.forget()
    job_samples.forget()


@pytest.fixture(scope="module")
def database_of_the_module(twins_template, django_db_blocker) -> Iterator[str]:
    """A database that one module's tests have to themselves."""
    name = f"stoa_own_{secrets.token_hex(6)}"
    with django_db_blocker.unblock(), copied_database(twins_template, name):
        yield name


@pytest.fixture
def committed(database_of_the_module) -> Iterator[str]:
    """Transactions really end, in tables that are empty; the test stands on the platform's. Yields the database's name."""
    with platform_scope(reason="test"):
        yield database_of_the_module
        # Whatever the test did to its connection, this is a new one.
        connections.close_all()
        with owner_scope(reason="test"), connection.cursor() as cursor:
            cursor.execute("TRUNCATE outbox_message, outbox_turn, idempotency_record")


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
