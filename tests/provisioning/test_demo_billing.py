"""The demo's marketplaces: one pays, one's payment has failed, one is in its trial; a new start changes nothing."""

from __future__ import annotations

import pytest

from provisioning.demo_billing import STORIES, subscribe_demo
from shared_apps.billing.models import BillingCommand
from shared_apps.billing.selectors import live_subscription
from shared_apps.billing.services import begin_trial
from shared_apps.billing.types import State
from tests.billing.conftest import catalogue, town  # noqa: F401  # fixtures
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
