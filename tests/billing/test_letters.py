"""What owners are told when a subscription moves: once, in their language, with a way to put it right."""

from __future__ import annotations

import pytest
from django.core import mail

from kernel import clock
from kernel.actor import Actor
from provisioning.billing_letters import write_to_owners_of_moved
from shared_apps.billing.events import SubscriptionMoved
from shared_apps.billing.models import BillingAccount, BillingInvoice, Subscription
from shared_apps.billing.rules.owing import owing_columns
from shared_apps.billing.selectors import history_of
from shared_apps.billing.services import move
from shared_apps.billing.types import State
from tenants.closing import begin_closing
from tenants.scope import tenant_scope
from tenants.suspending import suspend_tenant
from tests.billing.conftest import CLOCK
from tests.factories.tenants import ALPHA_ID
from tests.members.helpers import make_member


@pytest.fixture
def owner(trial, alpha):
    """Ann, to whom also the invoices go."""
    BillingAccount.objects.update(contacts=["Ann@alpha.example"])
    with tenant_scope(alpha):
        return make_member("ann@alpha.example", "owner")


def _moved(subscription: Subscription, to: State) -> Subscription:
    columns = owing_columns(to, subscription.owing_since_at, subscription.grace_until, clock.now())
    return move(subscription, to, cause=CLOCK, **columns)


def _told(subscription: Subscription) -> list[mail.EmailMessage]:
    before, last = len(mail.outbox), history_of(subscription)[0]
    write_to_owners_of_moved(SubscriptionMoved(subscription.public_id, last.revision))
    return mail.outbox[before:]


def test_a_failed_payment_is_not_told_by_the_move_but_by_its_invoice(trial, owner):
    assert _told(_moved(trial, State.PAST_DUE)) == []


def test_grace_is_told_once_with_the_invoice_to_pay(trial, owner):
    BillingInvoice.objects.create(
        tenant_id=ALPHA_ID, stripe_id="in_1", status="open", currency="GBP", total_minor=5100, paid_minor=0,
        remaining_minor=5100, issued_at=clock.now(), hosted_url="https://invoice.example/in_1",
    )  # fmt: skip
    owing = _moved(trial, State.GRACE)

    (letter,) = _told(owing)

    assert (letter.to, letter.reply_to) == (["ann@alpha.example"], ["hello@localhost"])
    assert "https://invoice.example/in_1" in letter.body
    assert _told(owing) == []


def test_grace_says_until_when_and_suspension_that_nothing_is_lost(trial, owner):
    grace = _moved(trial, State.GRACE)
    (first,) = _told(grace)
    (second,) = _told(_moved(grace, State.SUSPENDED))

    assert str(grace.grace_until.day) in first.body
    assert "/settings/plan/" in first.body
    assert "Nothing was deleted" in second.body


def test_who_has_paid_meanwhile_hears_nothing_of_having_owed(trial, owner):
    owing = _moved(trial, State.PAST_DUE)
    paid = _moved(owing, State.ACTIVE)

    write_to_owners_of_moved(SubscriptionMoved(owing.public_id, owing.revision))
    assert mail.outbox == []
    assert "is paid for" in _told(paid)[0].subject


def test_what_nobody_has_to_know_is_not_told(trial, owner):
    assert _told(_moved(trial, State.PAUSED)) == []


def test_who_has_closed_hears_nothing_more_of_the_subscription(trial, owner):
    begin_closing(tenant_id=ALPHA_ID)

    assert _told(_moved(trial, State.CANCELLED)) == []


def test_owners_do_not_read_that_they_have_booked_something(trial, owner):
    (letter,) = _told(_moved(trial, State.GRACE))

    assert "because you run" in letter.body
    assert "what you booked" not in letter.body
    assert "what you booked" not in letter.alternatives[0].content


def test_who_pays_while_an_operator_has_suspended_it_too_reads_that_it_stays_so(trial, owner):
    grace = _moved(trial, State.GRACE)
    suspended = _moved(grace, State.SUSPENDED)
    suspend_tenant(actor=Actor.system("an operator"), tenant_id=ALPHA_ID)

    (letter,) = _told(_moved(suspended, State.ACTIVE))

    assert "stays suspended" in letter.body
    assert "Everything is as before" not in letter.body
