"""Owing over months: who is told what and when, once, and the way back; for failed payments and invoices by hand alike."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from integrations.stripe.fake.faults import Fault
from kernel.actor import Actor
from kernel.money import Money
from provisioning.billing_letters import write_to_owners_in_grace, write_to_owners_of_moved
from shared_apps.billing.errors import NotConfirmedYet
from shared_apps.billing.events import GraceReminded, SubscriptionMoved
from shared_apps.billing.models import BillingAccount, BillingInvoice, Subscription
from shared_apps.billing.rules.owing import GRACE, PATIENCE, REMINDERS, reminder_due
from shared_apps.billing.selectors import history_of
from shared_apps.billing.services import (
    apply_invoice,
    apply_subscription,
    credit_invoice,
    finish_commands,
    mark_invoice_paid,
    move,
    pass_time,
    reminding,
    void_invoice,
)
from shared_apps.billing.types import State
from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.suspending import suspend_tenant
from tenants.types import TenantStatus
from tests.billing.by_hand import OP, wish, write
from tests.billing.conftest import CLOCK
from tests.factories.tenants import ALPHA_ID
from tests.members.helpers import make_member


@pytest.fixture
def told(alpha, monkeypatch) -> list[GraceReminded]:
    """The reminders that went out; alpha has an owner, and a contact beside."""
    with tenant_scope(alpha):
        make_member("ann@alpha.example", "owner")
    found: list[GraceReminded] = []
    monkeypatch.setattr(reminding, "publish", found.append)
    return found


def status() -> str:
    return Tenant.objects.values_list("status", flat=True).get(pk=ALPHA_ID)


def letters(subscription: Subscription) -> list[mail.EmailMessage]:
    """What a worker writes about the last move."""
    before = len(mail.outbox)
    write_to_owners_of_moved(SubscriptionMoved(subscription.public_id, history_of(subscription)[0].revision))
    return mail.outbox[before:]


def reminded(told: list[GraceReminded]) -> list[mail.EmailMessage]:
    before = len(mail.outbox)
    for event in told:
        write_to_owners_in_grace(event)
    return mail.outbox[before:]


@pytest.fixture
def enterprise(town, told):
    """Alpha goes on by invoice: the operator resumed it when its trial was over, and nobody is billed by Stripe."""
    Subscription.objects.update(trial_ends_at=None)
    town.wait(days=1)
    move(town.subscription(), State.ACTIVE, cause=CLOCK)
    account = BillingAccount.objects.get()
    BillingAccount.objects.update(contacts=[account.contacts[0], "pay@acme.example"])
    return town


def run(town, days: int) -> list[tuple[int, str]]:
    """Days on which the subscription came to another state, and to which."""
    found, last = [], town.subscription().state
    for day in range(1, days + 1):
        town.wait(days=1)
        pass_time()
        now = town.subscription().state
        if now != last:
            found.append((day, str(now)))
            last = now
    return found


@pytest.mark.parametrize("days", [0, 30, 60])
def test_an_invoice_by_hand_owes_after_its_days_and_then_like_anybody(enterprise, days):
    write(wish(days=days))

    # An hour of the clock more than the day itself never passes: it owes on the day on which it is due.
    first = max(days, 1)
    assert run(enterprise, days + 25) == [(first, "past_due"), (first + 7, "grace"), (first + 21, "suspended")]
    assert status() == TenantStatus.SUSPENDED


def test_paying_the_invoice_by_bank_brings_it_back(enterprise):
    invoice = write(wish(days=0))
    run(enterprise, 25)
    assert status() == TenantStatus.SUSPENDED

    mark_invoice_paid(actor=OP, stripe_id=invoice.stripe_id, reference="SEPA", paid_on=enterprise.now().date())

    assert (enterprise.subscription().state, status()) == (State.ACTIVE, TenantStatus.ACTIVE)
    assert "is paid for" in letters(enterprise.subscription())[0].subject


@pytest.mark.parametrize("way", ["void", "credit"])
def test_an_invoice_that_is_none_any_more_brings_it_back(enterprise, way):
    invoice = write(wish(days=0))
    run(enterprise, 25)

    if way == "void":
        void_invoice(actor=OP, stripe_id=invoice.stripe_id, reason="wrong")
    else:
        amount = Money(invoice.total_minor, invoice.currency)
        credit_invoice(actor=OP, stripe_id=invoice.stripe_id, amount=amount, give_back=None, reason="wrong")

    assert (enterprise.subscription().state, status()) == (State.ACTIVE, TenantStatus.ACTIVE)


def test_with_another_one_overdue_it_stays_suspended(enterprise):
    """The negative control of the two tests above."""
    paid, _other = write(wish(days=0)), write(wish(days=0))
    run(enterprise, 25)

    mark_invoice_paid(actor=OP, stripe_id=paid.stripe_id, reference="SEPA", paid_on=enterprise.now().date())

    assert (enterprise.subscription().state, status()) == (State.SUSPENDED, TenantStatus.SUSPENDED)


def test_a_suspension_by_an_operator_is_not_undone_by_a_payment(enterprise):
    invoice = write(wish(days=0))
    run(enterprise, 10)
    suspend_tenant(actor=Actor.system("test"), tenant_id=ALPHA_ID)
    run(enterprise, 15)

    mark_invoice_paid(actor=OP, stripe_id=invoice.stripe_id, reference="SEPA", paid_on=enterprise.now().date())

    assert (enterprise.subscription().state, status()) == (State.ACTIVE, TenantStatus.SUSPENDED)


def test_who_pays_by_card_still_owes_the_invoice(enterprise):
    paid = enterprise.pay()
    assert paid.state == State.ACTIVE
    invoice = write(wish(days=0))
    run(enterprise, 2)

    apply_subscription(paid.stripe_id)
    assert enterprise.subscription().state == State.PAST_DUE
    mark_invoice_paid(actor=OP, stripe_id=invoice.stripe_id, reference="SEPA", paid_on=enterprise.now().date())

    assert enterprise.subscription().state == State.ACTIVE


def test_a_paid_invoice_brings_nobody_back_whose_card_fails(enterprise):
    """Stripe's answer decides for who is billed by Stripe."""
    paid = enterprise.pay()
    invoice = write(wish(days=0))
    unit = enterprise.local.unit()
    unit.get("subscription", paid.stripe_id)["status"] = "past_due"
    unit.commit()
    apply_subscription(paid.stripe_id)

    mark_invoice_paid(actor=OP, stripe_id=invoice.stripe_id, reference="SEPA", paid_on=enterprise.now().date())

    assert enterprise.subscription().state == State.PAST_DUE


def test_letters_tell_owner_and_contact_of_the_invoice_with_its_link(enterprise):
    invoice = write(wish(days=0))
    run(enterprise, 2)

    told_of_it = letters(enterprise.subscription())

    assert {letter.to[0] for letter in told_of_it} >= {"ann@alpha.example", "pay@acme.example"}
    for letter in told_of_it:
        assert invoice.number in letter.subject
        assert invoice.hosted_url in letter.body
    assert letters(enterprise.subscription()) == []


def test_a_contact_who_is_no_member_gets_no_link_that_asks_to_sign_in(town, told):
    BillingAccount.objects.update(contacts=["pay@acme.example"])
    town.wait(days=15)
    pass_time()

    by_reader = {letter.to[0]: letter.body for letter in letters(town.subscription())}

    assert "/settings/plan/" in by_reader["ann@alpha.example"]
    assert "/settings/plan/" not in by_reader["pay@acme.example"]


def test_grace_is_reminded_at_half_time_and_three_days_before_its_end(town, told):
    run(town, 30)

    until = told[0].grace_until
    assert [(until - GRACE + timedelta(days=7), 1), (until - timedelta(days=3), 2)] == [
        (until - REMINDERS[0], told[0].step),
        (until - REMINDERS[1], told[1].step),
    ]
    assert len(told) == 2


def test_a_reminder_says_until_when_and_is_written_once(town, told):
    run(town, 22)
    assert len(told) == 1

    first = reminded(told)

    assert "ann@alpha.example" in [letter.to[0] for letter in first]
    assert str(told[0].grace_until.day) in first[0].subject
    assert reminded(told) == []


def test_who_has_paid_meanwhile_is_not_reminded(town, told):
    run(town, 22)
    town.pay()

    assert reminded(told) == []


def test_after_an_outage_only_the_last_reminder_goes_out(town, told):
    run(town, 15)
    town.wait(days=12)

    pass_time()
    pass_time()

    assert [event.step for event in told] == [2]


def test_a_new_grace_is_reminded_anew(enterprise, told):
    for _turn in range(2):
        invoice = write(wish(days=0))
        run(enterprise, 20)
        mark_invoice_paid(actor=OP, stripe_id=invoice.stripe_id, reference="SEPA", paid_on=enterprise.now().date())

    assert [event.step for event in told] == [1, 2, 1, 2][: len(told)]
    assert len({event.grace_until for event in told}) == 2


def test_applying_a_paid_invoice_again_moves_nothing(enterprise):
    invoice = write(wish(days=0))
    run(enterprise, 3)
    mark_invoice_paid(actor=OP, stripe_id=invoice.stripe_id, reference="SEPA", paid_on=enterprise.now().date())
    before = enterprise.subscription().revision

    apply_invoice(invoice.stripe_id)

    assert enterprise.subscription().revision == before


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu", "Europe/Lisbon"])
def test_letters_name_the_day_on_the_markets_own_clock(town, told, alpha, zone):
    Tenant.objects.filter(pk=ALPHA_ID).update(time_zone=zone)
    host_cache.clear()
    town.wait(days=14, hours=23)
    pass_time()
    town.wait(hours=2)
    pass_time()

    letter = letters(town.subscription())[0]

    until = town.subscription().grace_until
    assert until is not None
    day = until.astimezone(ZoneInfo(zone))
    assert f"{day.day} {day:%b} {day.year}" in letter.body


def test_steps_of_grace_follow_one_another():
    assert [later < earlier for earlier, later in pairwise(REMINDERS)] == [True]
    assert max(REMINDERS) < GRACE
    assert PATIENCE < GRACE


def test_before_half_time_nothing_is_due(town):
    until = town.now() + GRACE

    assert [reminder_due(until, until - span) for span in (GRACE, REMINDERS[0], REMINDERS[1], timedelta(0))] == [0, 1, 2, 2]


def test_an_invoice_whose_answer_was_lost_is_finished_and_written_once(enterprise):
    enterprise.local.faults.plan(Fault.LOST, only="POST /v1/invoiceitems")
    with pytest.raises(NotConfirmedYet):
        write()
    enterprise.wait(minutes=5)

    assert finish_commands() == 1
    assert BillingInvoice.objects.count() == len(enterprise.invoices()) == 1
