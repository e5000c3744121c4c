"""What owners are told by mail of trials, changes, receipts and failed payments: each once, with amounts and days."""

from __future__ import annotations

import pytest
from django.core import mail

from kernel.outbox.models import OutboxMessage
from provisioning.billing_news import write_of_terms, write_of_trial
from provisioning.billing_receipts import write_of_failure, write_of_payment
from shared_apps.billing.events import InvoicePaid, PaymentFailed, TermsChanged, TrialReminded
from shared_apps.billing.models import BillingAccount, BillingInvoice
from shared_apps.billing.services import (
    apply_invoice,
    apply_subscription,
    cancel,
    change_plan,
    pass_time,
    preview_change,
    withdraw_cancellation,
    withdraw_change,
)
from shared_apps.billing.services.reconciling import reconcile
from shared_apps.billing.types import State
from shared_apps.plans.types import Interval
from tenants.closing import begin_closing
from tenants.hosts import host_cache
from tenants.scope import tenant_scope
from tests.billing.conftest import ANN
from tests.factories.tenants import ALPHA_ID
from tests.members.helpers import make_member

WRITERS = {
    TrialReminded: write_of_trial,
    TermsChanged: write_of_terms,
    InvoicePaid: write_of_payment,
    PaymentFailed: write_of_failure,
}


class Post:
    """The relay: every event of these kinds reaches its handler, twice."""

    def deliver(self) -> list[mail.EmailMultiAlternatives]:
        """What was written since the last time."""
        host_cache.clear()
        before = len(mail.outbox)
        for kind, write in WRITERS.items():
            for row in OutboxMessage.objects.filter(event_type=kind.event_type).order_by("pk"):
                for _twice in range(2):
                    write(kind.from_payload(row.payload))
        return mail.outbox[before:]


@pytest.fixture
def post(town, alpha) -> Post:
    """Ann owns alpha."""
    BillingAccount.objects.update(contacts=["ann@alpha.example"])
    with tenant_scope(alpha):
        make_member("ann@alpha.example", "owner")
    return Post()


def _subjects(letters) -> list[str]:
    return [letter.subject for letter in letters]


def _change(plan: str, interval=Interval.MONTH, add_ons=None):
    look = preview_change(actor=ANN, tenant_id=ALPHA_ID, plan_code=plan, interval=interval, add_ons=add_ons)
    return change_plan(
        actor=ANN, tenant_id=ALPHA_ID, plan_code=plan, interval=interval, add_ons=add_ons,
        revision=look.revision, prorated_at=look.prorated_at,
    )  # fmt: skip


def _tell_all(town) -> None:
    for invoice in town.gateway.invoices.all():
        apply_invoice(invoice.id)


def _pay_for_a_month(town, plan: str = "studio") -> None:
    town.wait(days=15)
    pass_time()
    town.pay(plan)
    _tell_all(town)


def test_a_trial_without_a_card_is_told_three_days_before_its_end(town, post):
    town.wait(days=10)
    pass_time()
    assert post.deliver() == []

    town.wait(days=1)
    pass_time()
    pass_time()

    (letter,) = post.deliver()
    assert letter.subject == "The trial of Twin Market ends on 15 Apr 2026"
    assert "/settings/plan/change/" in letter.body
    assert "£51.00" in letter.body
    assert post.deliver() == []


def test_a_trial_with_a_card_is_told_by_stripes_own_event_once(town, post):
    subscription = town.pay()
    assert post.deliver() == []
    town.wait(days=11)

    for _twice in range(2):
        apply_subscription(subscription.stripe_id)
        pass_time()

    (letter,) = post.deliver()
    assert "charged to the card" in letter.body
    assert "cancel at no cost" in letter.body


def test_who_has_cancelled_the_trial_or_is_past_it_is_not_reminded(town, post):
    cancel(actor=ANN, tenant_id=ALPHA_ID, revision=town.subscription().revision)
    town.wait(days=12)
    pass_time()

    assert not any("The trial" in subject for subject in _subjects(post.deliver()))


def test_a_reminder_that_comes_too_late_is_not_written(town, post):
    town.wait(days=12)
    pass_time()
    town.wait(days=4)
    pass_time()

    assert town.subscription().state == State.GRACE
    assert post.deliver() == []


def test_an_upgrade_is_told_with_what_it_costs_and_its_receipt_with_what_was_charged(town, post):
    _pay_for_a_month(town)
    (first,) = post.deliver()
    assert first.subject == "Receipt: £51.00 for Twin Market"
    assert "http://stripe.test" in first.body

    _change("hall")
    _tell_all(town)

    receipt, changed = sorted(post.deliver(), key=lambda letter: letter.subject)
    paid = town.gateway.invoices.all()[0].amount_paid
    assert changed.subject == "Twin Market is on “Hall” from now on"
    assert "Each month" in changed.body
    assert receipt.subject == f"Receipt: £{paid.amount_minor / 100:.2f} for Twin Market"
    assert "the change of your plan" in receipt.body


def test_a_planned_downgrade_is_told_with_its_day_and_that_it_is_taken_back(town, post):
    _pay_for_a_month(town, "hall")
    post.deliver()

    planned = _change("studio")
    (letter,) = post.deliver()
    assert letter.subject == "Twin Market changes to “Studio” on 16 May 2026"
    withdraw_change(actor=ANN, tenant_id=ALPHA_ID, revision=planned.revision)

    assert _subjects(post.deliver()) == ["Twin Market stays on “Hall”"]


def test_a_cancellation_is_told_with_its_day_and_the_way_back(town, post):
    _pay_for_a_month(town)
    post.deliver()

    left = cancel(actor=ANN, tenant_id=ALPHA_ID, revision=town.subscription().revision)
    (letter,) = post.deliver()
    assert letter.subject == "The subscription of Twin Market ends on 16 May 2026"
    assert "Take the cancellation back" in letter.body
    withdraw_cancellation(actor=ANN, tenant_id=ALPHA_ID, revision=left.revision)

    assert _subjects(post.deliver()) == ["The subscription of Twin Market goes on"]


def test_a_failed_payment_is_told_with_amount_next_try_and_what_comes_of_it(town, post):
    town.fill_in(town.open_checkout(), "pm_card_chargeCustomerFail")
    apply_subscription(town.gateway.subscriptions.all()[0].id)
    town.wait(days=15)
    _tell_all(town)

    (letter,) = post.deliver()
    failing = BillingInvoice.objects.get(status="open")
    assert letter.subject == "The payment of £51.00 for Twin Market failed"
    assert failing.next_attempt_at is not None
    assert f"tried again on {failing.next_attempt_at.day} Apr 2026" in letter.body
    assert "from 7 May 2026 on" in letter.body
    assert failing.hosted_url in letter.body


def test_each_try_is_told_once_and_the_last_says_that_it_was_the_last(town, post):
    town.fill_in(town.open_checkout(), "pm_card_chargeCustomerFail")
    apply_subscription(town.gateway.subscriptions.all()[0].id)
    told = []
    for days in (15, 4, 6, 8, 10):
        town.wait(days=days)
        _tell_all(town)
        reconcile()
        told += post.deliver()

    failing = BillingInvoice.objects.filter(status="open").order_by("issued_at").first()
    assert len(told) == failing.attempts
    assert "not tried again by itself" in told[-1].body


def test_who_has_paid_meanwhile_hears_nothing_of_a_failed_try(town, post):
    town.fill_in(town.open_checkout(), "pm_card_chargeCustomerFail")
    apply_subscription(town.gateway.subscriptions.all()[0].id)
    town.wait(days=15)
    _tell_all(town)
    BillingInvoice.objects.update(status="paid", remaining_minor=0)

    assert not any("failed" in subject for subject in _subjects(post.deliver()))


def test_a_bank_that_wants_its_customer_asks_them_to_confirm(town, post):
    town.fill_in(town.open_checkout(), "pm_card_authenticationRequired")
    apply_subscription(town.gateway.subscriptions.all()[0].id)
    town.wait(days=15)
    _tell_all(town)

    (letter,) = post.deliver()
    failing = BillingInvoice.objects.get(status="open")
    assert failing.wants_owner
    assert letter.subject == "Please confirm the payment of £51.00 for Twin Market"
    assert "Confirm the payment" in letter.body
    assert "did not accept" not in letter.body


def test_what_was_paid_long_ago_is_found_and_not_news(town, post):
    _pay_for_a_month(town)
    BillingInvoice.objects.all().delete()
    OutboxMessage.objects.filter(event_type=InvoicePaid.event_type).delete()
    town.wait(days=5)
    _tell_all(town)

    assert post.deliver() == []


def test_who_has_closed_gets_none_of_it(town, post):
    _pay_for_a_month(town)
    cancel(actor=ANN, tenant_id=ALPHA_ID, revision=town.subscription().revision)
    begin_closing(tenant_id=ALPHA_ID)

    assert post.deliver() == []
