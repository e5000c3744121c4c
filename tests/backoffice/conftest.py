"""Both twins furnished alike, the clock stopped on a Monday morning, pictures in a folder that goes away."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from integrations.stripe.fake.local import TEST_KEY
from kernel import clock
from shared_apps.billing.services import begin_trial
from shared_apps.plans.services import load_default_plans
from shared_apps.plans.services.shelf import StripeShelf
from shared_apps.plans.services.syncing import sync_catalogue
from tenants.context import TenantContext
from tenants.hosts import host_cache
from tenants.scope import platform_scope, tenant_scope
from tests.backoffice.billed import Street
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


@pytest.fixture
def street(market, settings, monkeypatch) -> Street:
    """Alpha in its trial on Studio, the local Stripe beside it; both have the clock that the test moves."""
    made = Street()
    settings.STRIPE_SECRET_KEY = TEST_KEY
    monkeypatch.setattr("shared_apps.billing.services.gateway.configured_gateway", lambda: made.gateway)
    monkeypatch.setattr(clock, "now", made.now)
    with platform_scope(reason="test"):
        load_default_plans()
        sync_catalogue(StripeShelf(made.gateway))
    begin_trial(tenant_id=market.id, plan_code="studio")
    host_cache.clear()
    return made
