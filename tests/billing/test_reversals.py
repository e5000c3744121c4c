"""Refunds and disputes of what subscriptions paid: kept step by step, in any order, found when nobody told, tied to Stripe."""

from __future__ import annotations

import random
from itertools import permutations

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F, Q

from integrations.stripe.fake.refusals import Obj
from integrations.stripe.fake.resources.payments import end_dispute, open_dispute, refund_charge
from integrations.stripe.fake.unit import visible
from integrations.stripe.gateway.credit_notes import GiveBack
from integrations.stripe.gateway.payments import DisputeStatus
from kernel import clock
from kernel.actor import Actor
from kernel.money import Money
from shared_apps.billing.models import BillingCreditNote, BillingInvoice, BillingReversal, FormerMonth
from shared_apps.billing.selectors import (
    billed_by_month,
    billed_since,
    get_invoice,
    invoice_page,
    last_reversals,
    open_disputes,
    strange_reversals,
)
from shared_apps.billing.services import apply, keep_former_revenue, pass_time, reconcile
from shared_apps.billing.types import InvoiceState, MoneyBack, ReversalState
from shared_apps.webhook_inbox.errors import NobodysObject
from tests.contracts.stripe.types_of_the_library import problems
from tests.factories.tenants import ALPHA_ID

BOSS = Actor.operator(user_id=1, label="boss@stoa.example", capabilities=frozenset({"business.view", "tenants.view"}))


class Payment:
    """What alpha has paid for its first month, and what happens to it at Stripe."""

    def __init__(self, town) -> None:
        self.town = town
        town.wait(days=15)
        pass_time()
        self.invoice_id = town.gateway.subscriptions.get(town.pay().stripe_id).latest_invoice_id
        apply("invoice", self.invoice_id)
        unit = town.local.unit()
        self.charge_id = next(each["id"] for each in unit.all("charge") if each["paid"])
        self.minor = town.charged()[0]

    def _at_stripe(self, act) -> Obj:
        unit = self.town.local.unit()
        made = act(unit)
        unit.commit()
        return made

    def refund(self, minor: int) -> str:
        return str(self._at_stripe(lambda unit: refund_charge(unit, unit.get("charge", self.charge_id), minor))["id"])

    def fail(self, refund_id: str) -> None:
        """The bank sends a refund back."""

        def act(unit) -> Obj:
            refund, charge = unit.get("refund", refund_id), unit.get("charge", self.charge_id)
            refund["status"] = "failed"
            charge["amount_refunded"] -= refund["amount"]
            unit.tell("refund.failed", refund)
            return refund

        self._at_stripe(act)

    def dispute(self) -> str:
        return str(self._at_stripe(lambda unit: open_dispute(unit, self.charge_id))["id"])

    def decide(self, dispute_id: str, status: str) -> None:
        self._at_stripe(lambda unit: end_dispute(unit, unit.get("dispute", dispute_id), status))

    def back(self) -> MoneyBack | None:
        return get_invoice(BOSS, self.invoice_id).back

    def month(self):
        this = clock.now().date().replace(day=1)
        return billed_by_month(BOSS, "GBP", [this])[this]


@pytest.fixture
def payment(town) -> Payment:
    return Payment(town)


def steps() -> list[tuple[str, int, int]]:
    return list(BillingReversal.objects.order_by("stripe_id", "number").values_list("state", "number", "amount_minor"))


def test_a_refund_is_kept_and_the_invoice_says_how_much_of_it_went_back(payment):
    first = payment.refund(500)

    assert apply("refund", first) == ALPHA_ID
    partly = payment.back()
    payment.refund(payment.minor - 500)
    assert apply("charge", payment.charge_id) == ALPHA_ID

    assert (partly, payment.back()) == (MoneyBack.PARTLY, MoneyBack.REFUNDED)
    assert set(BillingReversal.objects.values_list("invoice_stripe_id", "tenant_id")) == {(payment.invoice_id, ALPHA_ID)}
    assert (payment.month().refunded_minor, payment.month().net_minor) == (payment.minor, 0)


def test_a_refund_that_the_bank_sends_back_counts_no_more_and_both_steps_stay(payment):
    refund_id = payment.refund(500)
    apply("charge", payment.charge_id)

    payment.fail(refund_id)
    apply("charge", payment.charge_id)

    assert steps() == [("returned", 1, 500), ("failed", 2, 500)]
    assert (payment.back(), payment.month().refunded_minor) == (None, 0)


@pytest.mark.parametrize(("status", "lost", "word"), [("lost", 1, MoneyBack.LOST), ("won", 0, None)])
def test_a_dispute_is_open_until_it_is_decided_and_costs_its_fee_either_way(payment, status, lost, word):
    dispute_id = payment.dispute()
    apply("charge", payment.charge_id)
    opened = (payment.back(), open_disputes(BOSS), payment.month().lost_minor)
    listed = invoice_page(BOSS, shown=InvoiceState.DISPUTED).rows

    payment.decide(dispute_id, status)
    apply("charge", payment.charge_id)

    assert opened == (MoneyBack.DISPUTED, 1, 0)
    assert [line.invoice.stripe_id for line in listed] == [payment.invoice_id]
    assert invoice_page(BOSS, shown=InvoiceState.DISPUTED).rows == []
    assert (payment.back(), open_disputes(BOSS)) == (word, 0)
    assert (payment.month().lost_minor, payment.month().fees_minor) == (lost * payment.minor, 1500)


def test_every_order_and_any_number_of_times_ends_in_the_same(payment):
    payment.refund(300)
    payment.decide(payment.dispute(), "lost")
    told = list(dict.fromkeys((each["object"]["object"], each["object"]["id"]) for each in _data(payment.town)))
    orders = list(permutations(told))
    found = []

    for order in orders:
        with transaction.atomic():
            for kind, object_id in [*order, *random.Random(3).sample(order, len(order))]:
                apply("charge" if kind == "dispute" else kind, payment.charge_id if kind == "dispute" else object_id)
            found.append((steps(), payment.month()))
            transaction.set_rollback(True)

    assert len(orders) == 6
    assert all(each == found[0] for each in found)
    assert sorted(state for state, *_rest in found[0][0]) == ["lost", "returned"]


def _data(town) -> list[Obj]:
    return [
        event["data"] for event in town.local.events() if event["data"]["object"]["object"] in {"charge", "refund", "dispute"}
    ]


def test_what_nobody_told_of_is_found_and_only_once(payment):
    payment.refund(500)
    dispute_id = payment.dispute()

    found = [reconcile(), reconcile()]
    payment.decide(dispute_id, "lost")
    payment.town.wait(days=60)
    later = [reconcile() > 0, reconcile()]

    assert found == [1, 0]
    assert later == [True, 0]
    states = last_reversals(Q(tenant_id=ALPHA_ID)).values_list("state", flat=True)
    assert sorted(states) == [ReversalState.LOST, ReversalState.RETURNED]


def test_a_credit_on_an_invoice_of_months_ago_is_found_where_no_webhook_came(payment):
    reconcile()
    payment.town.wait(days=100)
    reconcile()
    payment.town.gateway.credit_notes.create(
        invoice_id=payment.invoice_id, amount=Money(200, "GBP"), give_back=GiveBack.OUTSIDE_OF_STRIPE, idempotency_key="cn"
    )

    assert [reconcile(), reconcile()] == [1, 0]
    note = BillingCreditNote.objects.get()
    assert (note.amount_minor, note.outside_minor) == (200, 200)
    assert BillingInvoice.objects.get(stripe_id=payment.invoice_id).credited_minor == 200
    assert payment.month().outside_minor == 200


def test_a_credit_note_brings_its_invoice_along(payment):
    made = payment.town.gateway.credit_notes.create(
        invoice_id=payment.invoice_id, amount=Money(300, "GBP"), give_back=GiveBack.TO_THE_CARD, idempotency_key="cn"
    )

    assert apply("credit_note", made.id) == ALPHA_ID
    apply("charge", payment.charge_id)

    assert (payment.month().refunded_minor, payment.month().outside_minor) == (300, 0)
    assert strange_reversals(BOSS, "GBP", clock.now().date()) == 0


def test_the_figures_are_the_local_stripes_to_the_unit(payment):
    payment.refund(500)
    payment.town.wait(days=31)
    payment.decide(payment.dispute(), "lost")
    reconcile()

    unit = payment.town.local.unit()
    taken = sum(each["amount"] - each["amount_refunded"] for each in unit.all("charge") if each["paid"])
    disputed = [each for each in unit.all("dispute") if each["status"] == "lost"]
    fees = sum(line["fee"] for each in disputed for line in each["balance_transactions"])
    total = billed_since(BOSS, "GBP", payment.town.now().date().replace(month=1))
    assert total.net_minor == taken - sum(each["amount"] for each in disputed) - fees
    assert (total.refunded_minor, total.lost_minor, total.fees_minor) == (500, payment.minor, 1500)


def test_more_back_than_was_paid_is_told(payment):
    """Negative control of the tie."""
    payment.refund(500)
    reconcile()
    BillingInvoice.objects.filter(stripe_id=payment.invoice_id).update(paid_minor=400)

    assert strange_reversals(BOSS, "GBP", clock.now().date()) == 1


def test_a_charge_of_nobodys_is_nobodys_and_one_that_stands_leaves_nothing(payment):
    assert apply("charge", payment.charge_id) == ALPHA_ID

    for kind, object_id in (("charge", "ch_none"), ("refund", "re_none"), ("credit_note", "cn_none")):
        with pytest.raises(NobodysObject):
            apply(kind, object_id)
    assert not BillingReversal.objects.exists()


def test_the_local_stripes_dispute_is_as_the_library_expects_and_says_what_it_costs(payment):
    payment.decide(payment.dispute(), "won")

    unit = payment.town.local.unit()
    (made,) = (visible(each) for each in unit.all("dispute"))
    assert [*problems(made), *(wrong for each in made["balance_transactions"] for wrong in problems(each))] == []
    (theirs,) = payment.town.gateway.reversals.disputes(charge_id=payment.charge_id)
    assert (theirs.status, theirs.fee) == (DisputeStatus.WON, Money(1500, "GBP"))
    assert [each["net"] for each in made["balance_transactions"]] == [-payment.minor - 1500, payment.minor]


def test_a_step_is_never_changed_nor_left_out(payment):
    payment.refund(500)
    reconcile()

    for wrong in (
        lambda: BillingReversal.objects.update(amount_minor=1),
        lambda: BillingReversal.objects.bulk_create([_again(number=3)]),
        lambda: BillingReversal.objects.bulk_create([_again(number=2, currency="EUR")]),
        lambda: BillingReversal.objects.bulk_create([_again(number=2, state="lost")]),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            wrong()
    assert steps() == [("returned", 1, 500)]


def _again(**columns) -> BillingReversal:
    row = BillingReversal.objects.get()
    row.pk = None
    for name, value in columns.items():
        setattr(row, name, value)
    return row


def test_what_an_erased_organization_paid_stays_in_the_months_of_its_plan(payment):
    payment.refund(500)
    payment.dispute()
    reconcile()
    months = [clock.now().date().replace(month=4, day=1), clock.now().date().replace(month=5, day=1)]
    before = billed_by_month(BOSS, "GBP", months)

    for _twice in range(2):
        keep_former_revenue(tenant_ids=[ALPHA_ID])
        BillingReversal.objects.filter(tenant_id=ALPHA_ID).delete()
        BillingInvoice.objects.filter(tenant_id=ALPHA_ID).delete()

    assert before == billed_by_month(BOSS, "GBP", months)
    assert before[months[0]].paid_minor == payment.minor
    assert set(FormerMonth.objects.filter(paid_minor__gt=0).values_list("plan_code", "paid_minor")) == {
        ("studio", payment.minor)
    }
    assert billed_since(BOSS, "GBP", months[0]).net_minor == payment.minor - 500 - 1500


def test_without_the_sums_the_past_would_get_smaller(payment):
    """Negative control of the test above."""
    reconcile()
    before = payment.month()

    BillingInvoice.objects.filter(tenant_id=ALPHA_ID).delete()

    assert payment.month() != before
    assert not FormerMonth.objects.filter(month_on=F("month_on")).exists()
