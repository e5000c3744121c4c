"""What is published by bookings stays in the outbox, where a test can read it; and what the tests of pages begin with."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine

from kernel.events import Event
from tenant_apps.bookings.selectors import manage_path
from tenants.hosts import context_for
from tenants.scope import tenant_scope
from tests.bookings.listening import published
from tests.bookings.rows import NOW, make_booking, make_service, on
from tests.factories.tenants import ALPHA_ID


@pytest.fixture
def outbox(settings) -> Callable[[], list[Event]]:
    """Listens to every event of bookings; calling it gives what was published so far."""
    settings.EVENT_SUBSCRIPTIONS = "tests.bookings.listening.SUBSCRIPTIONS"
    return published


@pytest.fixture
def at_now():
    """The clock of pages stands where the rows of tests believe it does."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def service(alpha):
    with tenant_scope(alpha):
        return make_service()


@pytest.fixture
def tenant(own_database):
    """Entered, in a database of the test's own: for what commits and races."""
    context = context_for(ALPHA_ID)
    assert context is not None
    with tenant_scope(context):
        yield context


@pytest.fixture
def on_friday(alpha, service):
    """A booking on Friday 20 November at ten."""
    with tenant_scope(alpha):
        return make_booking(service, on(20, 10))


@pytest.fixture
def link(alpha, on_friday):
    with tenant_scope(alpha):
        return manage_path(on_friday)
