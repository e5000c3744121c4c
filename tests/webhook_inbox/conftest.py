"""What tests of the inbox share: nobody else takes part, no bell rings, and one secret is set."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from shared_apps.webhook_inbox.appliers import registry
from shared_apps.webhook_inbox.services import receiving
from tests.webhook_inbox.rig import SECRET, Rig


@pytest.fixture(autouse=True)
def _nobody_takes_part(monkeypatch) -> None:
    monkeypatch.setattr(registry, "_appliers", {})
    monkeypatch.setattr(registry, "_reconcilers", {})
    monkeypatch.setattr(registry, "accounts", None)


@pytest.fixture(autouse=True)
def _settings(settings, monkeypatch) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_local"
    settings.STRIPE_WEBHOOK_SECRETS = [SECRET]
    # Counts live in Redis, which no transaction rolls back.
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": f"test-{uuid.uuid4().hex}"}}
    monkeypatch.setattr("kernel.wiring.ring_doorbell", lambda *_, **__: None)
    receiving._redis.note_success()


@pytest.fixture
def rig(db, monkeypatch) -> Iterator[Rig]:
    """Stripe, and an applier of customers."""
    made = Rig()
    made.register()
    monkeypatch.setattr("shared_apps.webhook_inbox.services.reconciling.configured_gateway", lambda: made.gateway)
    yield made
    made.local.close()
