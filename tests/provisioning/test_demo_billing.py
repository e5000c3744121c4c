"""The demo's marketplaces: one pays, one's payment has failed, one is in its trial; a new start changes nothing."""

from __future__ import annotations

import pytest

from provisioning.demo_billing import STORIES, subscribe_demo
from shared_apps.billing.models import BillingCommand, Subscription
from shared_apps.billing.selectors import live_subscription
from shared_apps.billing.services import begin_trial
from shared_apps.billing.types import State
from shared_apps.plans.models import StripeLink
from shared_apps.plans.services.shelf import StripeShelf
from shared_apps.plans.services.syncing import sync_catalogue
from shared_apps.plans.types import Beyond, Interval, QuotaTerms
from tests.billing.conftest import catalogue, town  # noqa: F401  # fixtures
from tests.factories.plans import next_version
from tests.factories.tenants import ALPHA_ID, BETA_ID

CARDS = {"4242 4242 4242 4242": "pm_card_visa", "4000 0000 0000 0341": "pm_card_chargeCustomerFail"}


@pytest.fixture
def seed(town, alpha, beta, settings, monkeypatch):  # noqa: F811  # as above
    """Subscribes the given marketplaces, as the start of the demo does."""
    settings.STRIPE_API_BASE = "http://stripe.test"
    monkeypatch.setattr("provisioning.demo_billing.sync_with_stripe", lambda: None)
    begin_trial(tenant_id=BETA_ID, plan_code="studio")

    def subscribe(*tenants) -> None:
        subscribe_demo(tenants, fill_in=lambda page, card: town.fill_in(page.rsplit("/", 1)[-1], CARDS[card]))

    return subscribe


def _state(tenant_id) -> str:
    found = live_subscription(tenant_id)
    assert found is not None
    return found.state


def test_one_pays_and_of_one_the_payment_has_failed(seed, town, alpha, beta):  # noqa: F811  # as above
    seed(alpha, beta)

    assert (_state(ALPHA_ID), _state(BETA_ID)) == (State.ACTIVE, State.PAST_DUE)
    assert len(town.charged()) == 1


def test_what_a_plan_sells_beyond_its_quotas_is_in_the_subscription(seed, town, alpha):  # noqa: F811  # as above
    sold = QuotaTerms(beyond=Beyond.SOLD, per_units=100, prices={"GBP": 200})
    months = {("GBP", Interval.MONTH): 5100}
    next_version("studio", entitlements={"bookings_per_month": 2000}, prices=months, quotas={"bookings_per_month": sold})
    sync_catalogue(StripeShelf(town.gateway))
    # Who signed up before it was published is sold the version that they have.
    Subscription.objects.filter(tenant_id=ALPHA_ID).update(plan_version=2)

    seed(alpha)

    items = town.gateway.subscriptions.get(town.subscription().stripe_id).items
    names = [StripeLink.objects.get(stripe_id=item.price_id).ours for item in items]
    assert names == ["studio/2/GBP/month", "studio/2/bookings_per_month/GBP/month"]


def test_a_trial_goes_on_with_a_card_that_is_charged_nothing_yet(seed, town, alpha, monkeypatch):  # noqa: F811  # as above
    monkeypatch.setattr("provisioning.demo_billing.STORIES", STORIES[2:])

    seed(alpha)

    assert (_state(ALPHA_ID), town.subscription().stripe_id != "") == (State.TRIALING, True)
    assert town.charged() == []


def test_starting_the_demo_again_asks_nothing(seed, alpha, beta):
    seed(alpha, beta)
    asked = BillingCommand.objects.count()

    seed(alpha, beta)

    assert BillingCommand.objects.count() == asked


def test_without_a_local_stripe_nobody_is_subscribed(seed, alpha, settings):
    settings.STRIPE_API_BASE = ""

    seed(alpha)

    assert (_state(ALPHA_ID), BillingCommand.objects.count()) == (State.TRIALING, 0)
