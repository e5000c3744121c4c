"""The catalogue mirrored into a local Stripe, through the gateway and the library as they speak to the real one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from integrations.stripe import StripeGateway
from integrations.stripe.fake.local import TEST_KEY, LocalStripe
from integrations.stripe.fake.transport import InProcess
from kernel.money import Money
from kernel.outbox.models import OutboxMessage
from shared_apps.plans import handlers
from shared_apps.plans.jobs import SyncCatalogue
from shared_apps.plans.models import StripeLink
from shared_apps.plans.services import order_sync, shelf
from shared_apps.plans.tasks import begin_syncing
from tenants.models import Tenant
from tests.factories.plans import OPERATOR, next_version
from tests.factories.tenants import ALPHA_ID


@pytest.fixture
def gateway(settings, monkeypatch, catalogue) -> StripeGateway:
    """A Stripe of the test's own, of which nothing is known yet."""
    settings.STRIPE_SECRET_KEY = TEST_KEY
    made = StripeGateway(api_key=TEST_KEY, http=InProcess(LocalStripe()), api_base="http://stripe.test")
    monkeypatch.setattr(shelf, "configured_gateway", lambda: made)
    return made


def test_an_empty_stripe_gets_products_and_prices_once(gateway):
    handlers.sync_catalogue(SyncCatalogue())
    handlers.sync_catalogue(SyncCatalogue())

    assert sorted(product.id for product in gateway.products.all()) == [
        "stoa_extra-domain", "stoa_extra-provider", "stoa_hall", "stoa_stall", "stoa_studio",
    ]  # fmt: skip
    prices = gateway.prices.all(product_id="stoa_studio")
    assert {(price.unit_amount, str(price.interval)) for price in prices} >= {
        (Money(5900, "EUR"), "month"),
        (Money(51_000, "GBP"), "year"),
    }
    assert (len(gateway.prices.all()), StripeLink.objects.filter(drift=[]).count()) == (30, 35)


def test_a_new_version_brings_prices_and_takes_off_the_shelf_those_that_nobody_has(gateway):
    handlers.sync_catalogue(SyncCatalogue())
    Tenant.objects.filter(pk=ALPHA_ID).update(plan_code="studio")
    Tenant.objects.exclude(pk=ALPHA_ID).update(plan_code="stall")
    for code in ("studio", "hall"):
        next_version(code)

    handlers.sync_catalogue(SyncCatalogue())

    active = {price.metadata["stoa"] for price in gateway.prices.all(only_active=True)}
    assert {"studio/1/EUR/month", "studio/2/EUR/month", "hall/2/EUR/month"} <= active
    assert "hall/1/EUR/month" not in active


def test_publishing_orders_a_sync_and_without_stripe_does_not(gateway, settings):
    OutboxMessage.objects.all().delete()
    next_version("studio")
    with_stripe = OutboxMessage.objects.count()
    settings.STRIPE_SECRET_KEY = ""
    next_version("studio")
    order_sync(actor=OPERATOR)

    assert (with_stripe, OutboxMessage.objects.count()) == (1, 1)


def test_an_hour_has_one_sync_and_without_stripe_none(gateway, settings):
    OutboxMessage.objects.all().delete()
    with time_machine.travel(datetime(2026, 11, 22, 12, 10, tzinfo=UTC), tick=False) as now:
        begin_syncing.run()
        begin_syncing.run()
        in_one_hour = OutboxMessage.objects.count()
        now.shift(timedelta(hours=1))
        begin_syncing.run()
        in_two = OutboxMessage.objects.count()
        settings.STRIPE_SECRET_KEY = ""
        now.shift(timedelta(hours=1))
        begin_syncing.run()

    assert (in_one_hour, in_two, OutboxMessage.objects.count()) == (1, 2, 2)


def test_without_stripe_a_job_that_was_left_does_nothing(gateway, settings):
    settings.STRIPE_SECRET_KEY = ""

    handlers.sync_catalogue(SyncCatalogue())

    assert gateway.products.all() == []
