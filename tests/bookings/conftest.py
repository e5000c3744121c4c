"""What is published by bookings stays in the outbox, where a test can read it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kernel.events import Event
from tests.bookings.listening import published


@pytest.fixture
def outbox(settings) -> Callable[[], list[Event]]:
    """Listens to every event of bookings; calling it gives what was published so far."""
    settings.EVENT_SUBSCRIPTIONS = "tests.bookings.listening.SUBSCRIPTIONS"
    return published
