"""Everything that Stripe tells of a subscription's life, in every order and twice: the same state, invoices and letters."""

from __future__ import annotations

import random
from itertools import pairwise, permutations

import pytest
from django.db import transaction

from integrations.stripe.gateway.customers import Address
from integrations.stripe.gateway.subscription import ItemChange, PauseBehavior
from kernel.money import Money
from kernel.outbox.models import OutboxMessage
from shared_apps.billing.errors import SecondSubscription
from shared_apps.billing.events import SubscriptionMoved
from shared_apps.billing.models import BillingAccount, BillingInvoice, Subscription, Transition
from shared_apps.billing.rules.standing import way
from shared_apps.billing.rules.transitions import TRANSITIONS
from shared_apps.billing.services import apply, apply_subscription, applying, change_plan, pass_time, preview_change, reconcile
from shared_apps.billing.types import State
from shared_apps.plans.types import Interval
from shared_apps.webhook_inbox.errors import NobodysObject
from tenants.models import Tenant
from tests.billing.conftest import ANN
from tests.factories.tenants import ALPHA_ID, BETA_ID

APPLIED = {"customer.subscription": "subscription", "invoice": "invoice", "customer": "customer"}


def _told(town) -> list[tuple[str, str]]:
    """What the inbox would hand over: kind and id of the object of each event that billing wants."""
    kinds = {theirs: ours for ours, theirs in APPLIED.items()}
    objects = [event["data"]["object"] for event in town.local.events()]
    return [(kinds[each["object"]], each["id"]) for each in objects if each["object"] in kinds]


def _facts() -> dict[str, object]:
    subscription = Subscription.objects.get(tenant_id=ALPHA_ID)
    names = ("state", "plan_code", "plan_version", "interval", "currency", "stripe_id", "period_end_at", "cancel_at")
    invoices = BillingInvoice.objects.order_by("stripe_id").values_list("stripe_id", "status", "total_minor", "paid_minor")
    letters = OutboxMessage.objects.filter(event_type=SubscriptionMoved.event_type)
    return {
        **{name: getattr(subscription, name) for name in names},
        "invoices": list(invoices),
        "letters": letters.count(),
        "moves": list(Transition.objects.order_by("revision").values_list("from_state", "to_state")),
        "given": Tenant.objects.values_list("plan_code", "plan_version").get(pk=ALPHA_ID),
    }


@pytest.fixture
def life(town):
    """A trial that was paid for, an upgrade, a payment that failed and one that worked: all of it unheard of until now."""
    town.wait(days=10)
    session = town.open_checkout()
    town.fill_in(session)
    town.wait(days=10)
    return town


def test_every_order_and_any_number_of_times_ends_in_the_same(life):
    told = list(dict.fromkeys(_told(life)))
    orders = [list(order) for order in permutations(told)][:24]
    found = []

    for order in orders:
        with transaction.atomic():
            for kind, object_id in [*order, *random.Random(7).sample(order, len(order))]:
                apply(kind, object_id)
            found.append(_facts())
            transaction.set_rollback(True)

    assert len(told) > 2
    assert all(facts == found[0] for facts in found)
    assert (found[0]["state"], found[0]["letters"]) == (State.ACTIVE, 1)


def test_what_came_late_finds_what_is_true_now(town):
    town.wait(days=15)
    pass_time()
    town.pay()
    town.wait(days=3)
    preview = preview_change(actor=ANN, tenant_id=ALPHA_ID, plan_code="hall", interval=Interval.MONTH)
    change_plan(
        actor=ANN, tenant_id=ALPHA_ID, plan_code="hall", interval=Interval.MONTH,
        revision=preview.revision, prorated_at=preview.prorated_at,
    )  # fmt: skip
    before = _facts()

    for kind, object_id in _told(town):
        apply(kind, object_id)

    after = _facts()
    assert {**after, "invoices": []} == {**before, "invoices": []}
    assert sorted(paid for *_rest, paid in after["invoices"]) == sorted(town.charged())


def test_an_older_answer_than_what_was_written_meanwhile_is_asked_for_again(town, monkeypatch):
    town.wait(days=15)
    pass_time()
    paid = town.pay()
    old = town.gateway.subscriptions.get(paid.stripe_id)
    asked = []

    def slow(stripe_id: str):
        asked.append(stripe_id)
        if len(asked) > 1:
            return town.gateway.subscriptions.get(stripe_id)
        # Somebody cancels, and another worker applies that, while this answer is on its way.
        town.gateway.subscriptions.cancel_at_period_end(stripe_id, idempotency_key="c")
        with monkeypatch.context() as patch:
            patch.setattr(applying, "stripe", lambda: town.gateway)
            apply_subscription(stripe_id)
        return old

    class Slow:
        subscriptions = type("Subscriptions", (), {"get": staticmethod(slow)})

    monkeypatch.setattr(applying, "stripe", Slow)
    apply_subscription(paid.stripe_id)

    assert len(asked) == 2
    assert town.subscription().cancel_at == paid.period_end_at


def test_strangers_and_what_is_not_there_are_nobodys(town):
    stranger = town.gateway.customers.create(name="X", email="x@example.test", metadata={}, idempotency_key="x")

    for kind, object_id in (("customer", stranger.id), ("customer", "cus_none"), ("customer.subscription", "sub_none")):
        with pytest.raises(NobodysObject):
            apply(kind, object_id)
    assert apply("product", "prod_none") is None
    assert town.subscription().stripe_id == ""


def test_a_second_subscription_is_not_taken_for_the_first(town):
    paid = town.pay()
    customer_id = BillingAccount.objects.get(tenant_id=ALPHA_ID).stripe_customer_id
    price = town.gateway.subscriptions.get(paid.stripe_id).items[0].price_id
    second = town.gateway.subscriptions.create(
        customer_id=customer_id, items=[ItemChange(price_id=price, quantity=1)], metadata={},
        payment_method_id="pm_card_visa", idempotency_key="second",
    )  # fmt: skip

    with pytest.raises(SecondSubscription):
        apply_subscription(second.id)
    town.gateway.subscriptions.cancel_now(second.id, idempotency_key="end")
    apply_subscription(second.id)

    assert (town.subscription().stripe_id, town.subscription().state) == (paid.stripe_id, State.TRIALING)


def test_the_reconciler_puts_right_what_was_never_told(life):
    assert reconcile() == 3
    assert Subscription.objects.get(tenant_id=ALPHA_ID).state == State.ACTIVE
    assert sorted(BillingInvoice.objects.values_list("paid_minor", flat=True)) == [0, *life.charged()]
    assert reconcile() == 0


def test_the_reconciler_asks_for_a_subscription_by_itself_only_where_something_is_wrong(life, monkeypatch):
    reconcile()
    asked = []
    answer = life.local.api.answer
    monkeypatch.setattr(life.local.api, "answer", lambda request: asked.append(request.path) or answer(request))

    assert reconcile() == 0
    when_all_is_well = list(asked)
    Subscription.objects.filter(tenant_id=ALPHA_ID).update(cancel_at=life.now())
    assert reconcile() == 1

    stripe_id = life.subscription().stripe_id
    assert when_all_is_well.count("/v1/subscriptions") == 1
    assert f"/v1/subscriptions/{stripe_id}" not in when_all_is_well
    assert f"/v1/subscriptions/{stripe_id}" in asked
    assert life.subscription().cancel_at is None


def test_an_invoice_that_is_known_is_asked_for_once(life, monkeypatch):
    reconcile()
    invoice_id = BillingInvoice.objects.earliest("issued_at").stripe_id
    asked = []
    answer = life.local.api.answer
    monkeypatch.setattr(life.local.api, "answer", lambda request: asked.append(request.path) or answer(request))

    apply("invoice", invoice_id)

    assert asked.count(f"/v1/invoices/{invoice_id}") == 1


def test_a_payment_of_months_ago_that_nobody_told_of_is_found(town):
    """Stripe's own list of events forgets it after thirty days, and the subscription looks as it should."""
    town.wait(days=15)
    pass_time()
    paid = town.pay()
    invoice_id = town.gateway.subscriptions.get(paid.stripe_id).latest_invoice_id
    apply("invoice", invoice_id)
    BillingInvoice.objects.update(status="open", paid_minor=0, remaining_minor=town.charged()[0])
    town.wait(days=100)

    reconcile()

    kept = BillingInvoice.objects.get(stripe_id=invoice_id)
    assert (kept.status, kept.paid_minor, kept.remaining_minor) == ("paid", town.charged()[0], 0)


def test_strangers_invoices_are_not_ours(town):
    stranger = town.gateway.customers.create(name="X", email="x@example.test", metadata={}, idempotency_key="x")
    price = town.gateway.prices.all()[0]
    town.gateway.subscriptions.create(
        customer_id=stranger.id, items=[ItemChange(price_id=price.id, quantity=1)], metadata={},
        payment_method_id="pm_card_visa", idempotency_key="s",
    )  # fmt: skip

    assert reconcile() == 0
    assert not BillingInvoice.objects.exists()


def test_who_came_back_after_the_end_begins_another(town):
    paid = town.pay()
    town.gateway.subscriptions.cancel_now(paid.stripe_id, idempotency_key="end")
    apply_subscription(paid.stripe_id)
    customer_id = BillingAccount.objects.get(tenant_id=ALPHA_ID).stripe_customer_id
    price = town.gateway.subscriptions.get(paid.stripe_id).items[0].price_id
    again = town.gateway.subscriptions.create(
        customer_id=customer_id, items=[ItemChange(price_id=price, quantity=1)], metadata={},
        payment_method_id="pm_card_visa", idempotency_key="again",
    )  # fmt: skip

    apply_subscription(again.id)
    apply_subscription(paid.stripe_id)

    states = dict(Subscription.objects.values_list("stripe_id", "state"))
    assert states == {paid.stripe_id: State.CANCELLED, again.id: State.ACTIVE}
    assert Tenant.objects.get(pk=ALPHA_ID).status == "active"


def test_a_customers_address_and_contact_come_over(town):
    town.pay()
    customer_id = BillingAccount.objects.get(tenant_id=ALPHA_ID).stripe_customer_id
    town.gateway.customers.update(
        customer_id, email="books@alpha.test", address=Address(line1="1 High St", country="GB"), idempotency_key="a"
    )

    assert apply("customer", customer_id) == ALPHA_ID

    account = BillingAccount.objects.get(tenant_id=ALPHA_ID)
    assert (account.contacts[0], account.address["line1"], account.address["country"]) == (
        "books@alpha.test",
        "1 High St",
        "GB",
    )


def test_pausing_the_collection_pauses_and_nobody_owes(town):
    town.wait(days=15)
    pass_time()
    paid = town.pay()

    town.gateway.subscriptions.pause_collection(paid.stripe_id, behavior=PauseBehavior.VOID, idempotency_key="p")
    apply_subscription(paid.stripe_id)
    assert town.subscription().state == State.PAUSED
    town.gateway.subscriptions.resume_collection(paid.stripe_id, idempotency_key="r")
    apply_subscription(paid.stripe_id)

    assert town.subscription().state == State.ACTIVE


@pytest.mark.parametrize("before", [state for state in State if state is not State.CANCELLED])
def test_there_is_a_way_from_every_state_to_every_other(before):
    for after in set(State) - {before}:
        steps = (before, *way(before, after))
        assert steps[-1] is after
        assert State.CANCELLED not in steps[:-1]
        assert all(then in TRANSITIONS[first] for first, then in pairwise(steps))


@pytest.mark.parametrize(("currency", "amount", "at_stripe"), [("JPY", 1900, 1900), ("KWD", 7250, 7250), ("ISK", 1500, 150000)])
def test_currencies_without_and_with_three_decimals_are_kept_to_the_unit(town, currency, amount, at_stripe):
    product = town.gateway.products.create(name="Hall", metadata={}, idempotency_key=f"p{currency}")
    price = town.gateway.prices.create(
        product_id=product.id,
        unit_amount=Money(amount, currency),
        interval=Interval.MONTH,
        metadata={},
        idempotency_key=currency,
    )
    customer = town.gateway.customers.create(name="B", email="b@example.test", metadata={}, idempotency_key=f"c{currency}")
    Subscription.objects.filter(tenant_id=BETA_ID).delete()
    BillingAccount.objects.create(tenant_id=BETA_ID, stripe_customer_id=customer.id, currency=currency)
    made = town.gateway.subscriptions.create(
        customer_id=customer.id, items=[ItemChange(price_id=price.id, quantity=1)], metadata={},
        payment_method_id="pm_card_visa", idempotency_key=f"s{currency}",
    )  # fmt: skip

    apply_subscription(made.id)
    apply("invoice", made.latest_invoice_id)

    invoice = BillingInvoice.objects.get(tenant_id=BETA_ID)
    assert (invoice.currency, invoice.total_minor, invoice.paid_minor, invoice.status) == (currency, amount, amount, "paid")
    assert town.charged()[-1] == at_stripe
