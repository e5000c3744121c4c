"""How subscriptions begin: at sign-up without a card, and for who was here before there was billing."""

from __future__ import annotations

from datetime import timedelta

from kernel import clock
from shared_apps.billing.models import BillingAccount, Subscription, Transition
from shared_apps.billing.services import begin_missing, begin_trial, move
from shared_apps.billing.types import State
from tenants.models import Tenant
from tenants.types import TenantStatus
from tests.billing.conftest import CLOCK
from tests.factories.tenants import ALPHA_ID, BETA_ID


def _states() -> dict[object, str]:
    return dict(Subscription.objects.values_list("tenant_id", "state"))


def test_signing_up_begins_a_trial_without_a_card(catalogue, alpha):
    ends_at = begin_trial(tenant_id=ALPHA_ID, plan_code="studio")

    subscription = Subscription.objects.get(tenant_id=ALPHA_ID)
    assert (subscription.state, subscription.trial_ends_at, subscription.stripe_id) == (State.TRIALING, ends_at, "")
    assert (subscription.plan_code, subscription.plan_version, subscription.currency) == ("studio", 1, "GBP")
    account = BillingAccount.objects.get(tenant_id=ALPHA_ID)
    assert (account.stripe_customer_id, account.currency) == ("", "GBP")


def test_a_step_that_runs_twice_begins_once(catalogue, alpha):
    first = begin_trial(tenant_id=ALPHA_ID, plan_code="studio")
    again = begin_trial(tenant_id=ALPHA_ID, plan_code="studio")

    assert first == again
    assert (Subscription.objects.count(), Transition.objects.count(), BillingAccount.objects.count()) == (1, 1, 1)


def test_who_was_here_before_goes_on_in_trial_or_on_what_they_have(catalogue, alpha, beta):
    now = clock.now()
    Tenant.objects.filter(pk=ALPHA_ID).update(trial_ends_at=now + timedelta(days=3))
    Tenant.objects.filter(pk=BETA_ID).update(trial_ends_at=now - timedelta(days=3))

    assert begin_missing(now=now) == 2

    assert _states() == {ALPHA_ID: State.TRIALING, BETA_ID: State.ACTIVE}
    assert Tenant.objects.get(pk=BETA_ID).status == TenantStatus.ACTIVE


def test_set_up_again_begins_nobody_anew_not_even_who_cancelled(trial, beta):
    move(trial, State.CANCELLED, cause=CLOCK)

    assert (begin_missing(), begin_missing()) == (1, 0)
    assert _states() == {ALPHA_ID: State.CANCELLED, BETA_ID: State.ACTIVE}


def test_sandboxes_and_who_is_leaving_are_not_billed(catalogue, alpha, beta):
    Tenant.objects.filter(pk=ALPHA_ID).update(status=TenantStatus.CLOSING)

    begin_missing()

    assert _states() == {BETA_ID: State.ACTIVE}
