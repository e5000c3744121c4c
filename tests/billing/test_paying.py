"""What owners do: begin to pay, look at a change to the penny, make it, cancel and come back, against the local Stripe."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.stripe.fake.faults import CardFault
from kernel.actor import Actor
from kernel.errors import PermissionDenied
from kernel.money import Money
from shared_apps.billing.errors import CommandRefused, SubscriptionChanged, WrongStanding
from shared_apps.billing.models import BillingAccount, BillingCommand
from shared_apps.billing.services import (
    apply_subscription,
    cancel,
    change_plan,
    confirm_checkout,
    ensure_customer,
    open_portal,
    pass_time,
    paying,
    preview_change,
    withdraw_cancellation,
)
from shared_apps.billing.types import CommandKind, CommandState, State
from shared_apps.plans.errors import PlanNotFound
from shared_apps.plans.models import Plan
from shared_apps.plans.selectors import version_prices
from shared_apps.plans.services.shelf import StripeShelf
from shared_apps.plans.services.syncing import sync_catalogue
from shared_apps.plans.types import Interval
from tenants.models import Tenant
from tests.billing.conftest import ANN, BOB
from tests.factories.plans import next_version
from tests.factories.tenants import ALPHA_ID

MONTH, YEAR = Interval.MONTH, Interval.YEAR


def _change(town, preview, plan="hall", interval=MONTH, actor=ANN):
    return change_plan(
        actor=actor, tenant_id=ALPHA_ID, plan_code=plan, interval=interval,
        revision=preview.revision, prorated_at=preview.prorated_at,
    )  # fmt: skip


def _preview(plan="hall", interval=MONTH):
    return preview_change(actor=ANN, tenant_id=ALPHA_ID, plan_code=plan, interval=interval)


def test_who_pays_within_the_trial_pays_nothing_before_its_end(town):
    subscription = town.pay()

    assert (subscription.state, town.charged()) == (State.TRIALING, [])
    assert subscription.trial_ends_at == Tenant.objects.get(pk=ALPHA_ID).trial_ends_at
    town.wait(days=15)
    apply_subscription(subscription.stripe_id)
    assert (town.subscription().state, town.charged()) == (State.ACTIVE, [town.invoices()[0].total.amount_minor])


def test_who_comes_to_an_end_without_a_card_can_pay_in_the_grace(town):
    town.wait(days=15)
    pass_time()
    assert town.subscription().state == State.GRACE

    subscription = town.pay("hall", YEAR)

    assert (subscription.state, subscription.plan_code, subscription.interval) == (State.ACTIVE, "hall", YEAR)
    assert subscription.grace_until is None
    assert Tenant.objects.get(pk=ALPHA_ID).plan_code == "hall"
    assert len(town.charged()) == 1


def test_the_return_page_and_the_webhook_apply_the_same_once(town):
    subscription = town.pay()

    apply_subscription(subscription.stripe_id)
    apply_subscription(subscription.stripe_id)

    assert town.subscription().revision == subscription.revision


def test_a_page_that_nobody_filled_in_or_somebody_elses_confirms_nothing(town):
    session = town.open_checkout()
    stranger = town.gateway.customers.create(name="X", email="x@example.test", metadata={}, idempotency_key="x")
    BillingAccount.objects.filter(tenant_id=ALPHA_ID).update(stripe_customer_id=stranger.id)

    assert not confirm_checkout(tenant_id=ALPHA_ID, session_id=session)
    town.fill_in(session)
    assert not confirm_checkout(tenant_id=ALPHA_ID, session_id=session)
    assert town.subscription().stripe_id == ""


def test_two_pages_of_checkout_cannot_both_be_paid(town):
    first = town.open_checkout()
    second = town.open_checkout(actor=BOB)

    assert town.gateway.checkout.get(first).status == "expired"
    town.fill_in(second)
    with pytest.raises(CommandRefused, match="just paid"):
        town.open_checkout()
    assert len(town.gateway.subscriptions.all()) == 1


def test_a_change_costs_what_the_preview_said(town):
    town.wait(days=15)
    pass_time()
    town.pay()
    town.wait(days=11, hours=7)
    preview = _preview()

    town.wait(minutes=3)
    changed = _change(town, preview)

    assert town.charged()[-1] == preview.due.amount_minor == town.invoices()[0].total.amount_minor
    assert sum(line.amount.amount_minor for line in preview.lines) == preview.due.amount_minor
    assert (changed.plan_code, Tenant.objects.get(pk=ALPHA_ID).plan_code) == ("hall", "hall")


def test_what_was_paid_is_not_lost_with_a_year_turned_into_months(town):
    town.wait(days=15)
    pass_time()
    town.pay("studio", YEAR)
    town.wait(days=10)
    preview = _preview("studio", MONTH)

    _change(town, preview, "studio", MONTH)

    assert preview.due == Money.zero("GBP")
    assert preview.credit > Money.zero("GBP")
    customer = town.gateway.customers.get(BillingAccount.objects.get(tenant_id=ALPHA_ID).stripe_customer_id)
    assert customer.credit == preview.credit


def test_a_change_whose_payment_fails_leaves_everything_as_it_was(town):
    town.wait(days=15)
    pass_time()
    before = town.pay()
    preview = _preview()
    town.local.faults.payments[""] = CardFault.DECLINE

    with pytest.raises(CommandRefused, match="declined"):
        _change(town, preview)

    assert (town.subscription().plan_code, town.subscription().revision) == ("studio", before.revision)
    assert town.gateway.subscriptions.get(before.stripe_id).items[0].price_id
    assert len(town.charged()) == 1
    assert BillingCommand.objects.latest("pk").state == CommandState.REFUSED


def test_of_upgrade_and_cancel_at_once_one_wins_and_the_other_is_told_which(town):
    town.wait(days=15)
    pass_time()
    town.pay()
    preview = _preview()

    _change(town, preview, actor=ANN)
    with pytest.raises(SubscriptionChanged, match=r"ann@example\.org was first: “Change the plan”"):
        cancel(actor=BOB, tenant_id=ALPHA_ID, revision=preview.revision)

    assert town.subscription().cancel_at is None


def test_who_cancels_stays_to_the_end_and_can_come_back_until_then(town):
    town.wait(days=15)
    pass_time()
    paid = town.pay()

    cancelled = cancel(actor=ANN, tenant_id=ALPHA_ID, revision=paid.revision, reason="too large")
    assert (cancelled.state, cancelled.cancel_at) == (State.ACTIVE, paid.period_end_at)
    back = withdraw_cancellation(actor=BOB, tenant_id=ALPHA_ID, revision=cancelled.revision)
    assert (back.state, back.cancel_at) == (State.ACTIVE, None)

    cancel(actor=ANN, tenant_id=ALPHA_ID, revision=back.revision)
    town.wait(days=40)
    apply_subscription(paid.stripe_id)
    assert town.subscription().state == State.CANCELLED
    assert len(town.charged()) == 1


def test_who_never_paid_cancels_to_the_end_of_the_trial(town):
    before = town.subscription()

    cancelled = cancel(actor=ANN, tenant_id=ALPHA_ID, revision=before.revision, reason="no")
    assert cancelled.cancel_at == before.trial_ends_at
    town.wait(days=15)
    pass_time()

    assert town.subscription().state == State.CANCELLED
    assert BillingCommand.objects.count() == 0


def test_only_who_manages_the_plan_does_any_of_it(town):
    nobody = Actor.user(user_id=3, label="eve@example.org")

    with pytest.raises(PermissionDenied):
        cancel(actor=nobody, tenant_id=ALPHA_ID, revision=1)
    with pytest.raises(PermissionDenied):
        town.open_checkout(actor=nobody)
    assert BillingCommand.objects.count() == 0


def test_what_is_not_paid_cannot_be_changed_and_the_portal_knows_the_customer(town):
    with pytest.raises(WrongStanding):
        _preview()

    assert open_portal(actor=ANN, tenant_id=ALPHA_ID, return_url="http://alpha.test/").startswith("http://stripe.test/p/")


@pytest.mark.parametrize(("hours", "left"), [(14 * 24 - 1, timedelta(hours=49)), (11 * 24, timedelta(days=3))])
def test_shortly_before_its_end_a_trial_is_as_long_as_checkout_wants_it(town, hours, left):
    """Stripe refuses a trial of less than 48 hours on that page, and nobody could pay in the last two days of theirs."""
    town.wait(hours=hours)

    subscription = town.pay()

    assert subscription.trial_ends_at is not None
    assert subscription.trial_ends_at - town.now() == left
    assert town.charged() == []


def test_who_begins_to_pay_pays_what_the_plan_cost_when_they_signed_up(town):
    """A published version moves nobody who is here (ADR 0021)."""
    agreed = version_prices(["studio"])["studio", 1, town.subscription().currency, MONTH]
    next_version("studio", prices={(currency, MONTH): 99_00 for currency in ("EUR", "GBP", "USD")})
    sync_catalogue(StripeShelf(town.gateway))

    subscription = town.pay()
    town.wait(days=15)

    assert (subscription.plan_code, subscription.plan_version) == ("studio", 1)
    assert town.charged() == [agreed] != [99_00]


def test_who_is_on_a_retired_plan_can_pay_for_it_and_nobody_else(town):
    Plan.objects.filter(code__in=("studio", "hall")).update(is_offered=False)
    sync_catalogue(StripeShelf(town.gateway))

    for plan_code in ("hall", "extra-provider"):
        with pytest.raises(PlanNotFound):
            town.open_checkout(plan_code)
    subscription = town.pay()
    with pytest.raises(PlanNotFound):
        _preview("hall")

    assert (subscription.plan_code, subscription.state) == ("studio", State.TRIALING)


def _customers(town) -> int:
    return len(list(town.local.store.ids("customer")))


def test_of_two_owners_who_begin_to_pay_at_once_one_is_told_and_there_is_one_customer(town, monkeypatch):
    create, told = town.gateway.customers.create, []

    def meanwhile(**wanted):
        with pytest.raises(SubscriptionChanged) as refused:
            ensure_customer(actor=BOB, tenant_id=ALPHA_ID)
        told.append(refused.value.message)
        return create(**wanted)

    monkeypatch.setattr(town.gateway.customers, "create", meanwhile)
    ensure_customer(actor=ANN, tenant_id=ALPHA_ID)

    assert _customers(town) == 1
    assert ANN.label in told[0]


def test_who_looked_before_somebody_else_had_finished_makes_no_second_customer(town, monkeypatch):
    real = paying.order_customer

    def late(**wanted):
        monkeypatch.setattr(paying, "order_customer", real)
        ensure_customer(actor=ANN, tenant_id=ALPHA_ID)
        return real(**wanted)

    monkeypatch.setattr(paying, "order_customer", late)
    ensure_customer(actor=BOB, tenant_id=ALPHA_ID)

    assert _customers(town) == 1
    assert BillingCommand.objects.filter(kind=CommandKind.MAKE_CUSTOMER).count() == 1
