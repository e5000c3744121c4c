"""Both twins furnished alike, the clock stopped on a Monday morning, pictures in a folder that goes away."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from kernel import clock
from tenants.context import TenantContext
from tenants.scope import tenant_scope
from tests.backoffice.market import NOW, browser, furnish


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture(autouse=True)
def _own_surroundings(settings, tmp_path) -> None:
    """Limits on sign-in live in Redis, which no transaction rolls back: each test counts under a prefix of its own."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": f"test-{uuid.uuid4().hex}"}}
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def market(alpha, beta) -> TenantContext:
    """Alpha, furnished; beta is its look-alike."""
    for tenant in (alpha, beta):
        with tenant_scope(tenant):
            furnish()
    return alpha


@pytest.fixture
def as_(market) -> Callable[[str], Client]:
    """`as_("owner")`: that person's browser."""
    return lambda who: browser(market, who)
