"""What an organization's pages have to say about paying is in the registry as soon as the subscription moves."""

from __future__ import annotations

from kernel import clock
from shared_apps.billing.models import Subscription
from shared_apps.billing.rules.owing import GRACE, PATIENCE, owing_columns
from shared_apps.billing.services import cancel, move
from shared_apps.billing.services.passing import pass_time
from shared_apps.billing.types import State
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.types import PaymentNotice
from tests.billing.conftest import ANN, CLOCK
from tests.factories.tenants import ALPHA_ID, BETA_ID


def _told(tenant_id=ALPHA_ID):
    tenant = Tenant.objects.get(pk=tenant_id)
    return tenant.payment_notice, tenant.payment_notice_until


def test_a_trial_without_a_way_to_pay_says_until_when(trial, beta):
    assert _told() == (PaymentNotice.TRIAL, trial.trial_ends_at)
    assert _told(BETA_ID) == (PaymentNotice.NONE, None)
    context = context_for(ALPHA_ID)
    assert (context.payment_notice, context.payment_notice_until) == _told()


def test_who_has_paid_or_cancelled_within_the_trial_hears_nothing(town):
    town.pay()

    assert _told() == (PaymentNotice.NONE, None)


def test_who_cancels_a_trial_hears_nothing_more(trial):
    cancel(actor=ANN, tenant_id=ALPHA_ID, revision=trial.revision)

    assert _told() == (PaymentNotice.NONE, None)


def test_debts_are_told_from_the_first_day_to_the_payment(trial, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_local"
    begun, told = clock.now(), []

    move(trial, State.PAST_DUE, cause=CLOCK, **owing_columns(State.PAST_DUE, None, None, begun))
    told.append(_told())
    for moment in (begun + PATIENCE, begun + PATIENCE + GRACE):
        pass_time(moment)
        told.append(_told())
    move(Subscription.objects.get(), State.ACTIVE, cause=CLOCK, **owing_columns(State.ACTIVE, None, None, begun))

    grace = (PaymentNotice.GRACE, begun + PATIENCE + GRACE)
    assert told == [(PaymentNotice.PAST_DUE, None), grace, (PaymentNotice.SUSPENDED, None)]
    assert _told() == (PaymentNotice.NONE, None)
