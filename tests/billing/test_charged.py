"""Whose use is charged is known from subscriptions, and told to Stripe under the customer who pays."""

from __future__ import annotations

import pytest

from shared_apps.billing.models import BillingAccount, Subscription, Transition
from shared_apps.billing.selectors import charged_customers
from shared_apps.billing.services import apply_subscription, move, pass_time
from shared_apps.billing.types import Charged, State
from tests.billing.conftest import CLOCK
from tests.factories.tenants import ALPHA_ID


def paying(town) -> Subscription:
    """Alpha pays, and its trial is over."""
    subscription = town.pay()
    town.wait(days=15)
    apply_subscription(subscription.stripe_id)
    return town.subscription()


def test_nobody_is_charged_who_does_not_pay_or_is_in_the_trial(town):
    before = charged_customers()

    town.pay()

    assert town.subscription().state == State.TRIALING
    assert before == charged_customers() == {}


def test_who_pays_after_the_trial_is_charged_since_then_and_not_since_it_ended(town):
    town.wait(days=15)
    pass_time()
    town.wait(days=3)
    paid_at = town.now()

    town.pay()

    customer_id = BillingAccount.objects.get(tenant_id=ALPHA_ID).stripe_customer_id
    assert charged_customers() == {ALPHA_ID: Charged(customer_id, paid_at, "studio", 1, "GBP")}


def test_who_pays_within_the_trial_is_charged_since_its_end(town):
    subscription = town.pay()
    town.wait(days=15)

    apply_subscription(subscription.stripe_id)

    assert charged_customers()[ALPHA_ID].since_at == Transition.objects.get(to_state=State.ACTIVE).at == town.now()


@pytest.mark.parametrize("gift", [State.TRIALING, State.PAUSED])
def test_time_that_is_given_away_ends_nothing(town, gift):
    subscription = paying(town)
    before = charged_customers()

    move(subscription, gift, cause=CLOCK)

    assert charged_customers() == before


def test_who_has_cancelled_is_charged_no_more(town):
    subscription = paying(town)

    move(subscription, State.CANCELLED, cause=CLOCK)

    assert charged_customers() == {}


def test_all_of_them_cost_one_query(town, django_assert_num_queries):
    paying(town)

    with django_assert_num_queries(1):
        charged_customers()
