"""What tests of people share: limits of their own, mails at once, events in the outbox."""

from __future__ import annotations

import uuid

import pytest

from shared_apps.accounts.models import User
from tests.entry.test_walk import make_owner
from tests.factories.events import SUBSCRIPTIONS, send_account_mails


@pytest.fixture(autouse=True)
def _own_limits(settings) -> None:
    """Limits live in Redis, which no transaction rolls back: each test counts under a prefix of its own."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": f"test-{uuid.uuid4().hex}"}}


@pytest.fixture(autouse=True)
def _outbox(settings) -> None:
    """Events wait in the outbox for the test to look at."""
    settings.EVENT_SUBSCRIPTIONS = "tests.factories.events.SUBSCRIPTIONS"


@pytest.fixture
def mails_leave(monkeypatch) -> None:
    """What waits for the commit happens at once: the test's own transaction never commits."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda function, **_: function())
    monkeypatch.setattr("kernel.wiring.ring_doorbell", send_account_mails)


@pytest.fixture
def founder(alpha, beta) -> User:
    return make_owner([alpha, beta], verified=False, password=None)


@pytest.fixture
def heard(monkeypatch) -> None:
    """Events go to a handler that does nothing."""
    monkeypatch.setattr("config.subscriptions.SUBSCRIPTIONS", SUBSCRIPTIONS)
