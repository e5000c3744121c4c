"""The switches of the local Stripe's control page: what each one does to a life that goes on."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from integrations.stripe.errors import AuthenticationNeeded, Away, CardDeclined, RateLimited
from integrations.stripe.fake.control import Control
from integrations.stripe.fake.outgoing import Outgoing
from integrations.stripe.fake.params import Params, tree_of
from integrations.stripe.fake.refusals import Refusal
from integrations.stripe.fake.web.checkout_page import CheckoutPage
from integrations.stripe.fake.web.invoice_page import InvoicePage
from integrations.stripe.gateway.checkout import CheckoutStatus
from integrations.stripe.gateway.invoice import InvoiceStatus
from integrations.stripe.gateway.payments import DisputeStatus
from integrations.stripe.gateway.subscription import IfUnpaid, ItemChange, SubscriptionStatus

from .conftest import BEGUN

TYPED = {"number": "4242424242424242", "expires": "12/34", "cvc": "123"}


def params(**fields: object) -> Params:
    return Params(tree_of(urlencode({name: str(value) for name, value in fields.items()})))


@pytest.fixture
def outgoing(world) -> Outgoing:
    return Outgoing(world.local.store, ["whsec"])


@pytest.fixture
def press(world, outgoing):
    control = Control(world.local, outgoing)
    return lambda act, **fields: control.act(act, params(**fields))


@pytest.fixture
def state(world, outgoing):
    return Control(world.local, outgoing).state


def newest(world, subscription):
    return world.gateway.invoices.all(subscription_id=subscription.id)[0]


def test_time_goes_forward_by_months_through_every_renewal(world, press):
    subscription = world.subscription(world.price(1000))

    press("advance", months=3)

    assert world.local.now() == int(BEGUN.replace(month=7).timestamp())
    # The last one is made at this very moment, and final in an hour.
    statuses = [invoice.status for invoice in world.gateway.invoices.all(subscription_id=subscription.id)]
    assert statuses == [InvoiceStatus.DRAFT, InvoiceStatus.PAID, InvoiceStatus.PAID, InvoiceStatus.PAID]


@pytest.mark.parametrize("span", [{}, {"days": 0}, {"seconds": -5}])
def test_time_never_goes_back(press, span):
    with pytest.raises(Refusal, match="forward only"):
        press("advance", **span)


def test_the_next_payment_is_declined_and_the_one_after_it_is_not(world, press):
    subscription = world.subscription(world.price(1000))

    press("payment", what="decline", customer=subscription.customer_id)
    world.wait(days=31)
    declined = newest(world, subscription)
    paid = world.gateway.invoices.pay(declined.id, idempotency_key=world.key())

    assert (declined.status, declined.attempt_count) == (InvoiceStatus.OPEN, 1)
    assert paid.status is InvoiceStatus.PAID


def test_the_bank_wants_to_see_the_owner_when_nobody_sits_there(world, press):
    subscription = world.subscription(world.price(1000))

    press("payment", what="authenticate")
    world.wait(days=31)

    assert world.gateway.subscriptions.get(subscription.id).status is SubscriptionStatus.PAST_DUE
    assert "invoice.payment_action_required" in world.types()


def test_the_bank_wants_to_see_the_owner_on_the_page_of_checkout(world, press):
    price, customer = world.price(1000), world.customer()
    session = world.gateway.checkout.create_for_subscription(
        customer_id=customer.id,
        items=[ItemChange(price_id=price.id, quantity=1)],
        success_url="http://t.test/",
        cancel_url="http://t.test/",
        reference="t1",
        metadata={},
        idempotency_key=world.key(),
    )
    press("payment", what="authenticate", customer=customer.id)
    page = CheckoutPage(world.local)

    asked = page.submit(session.id, params(**TYPED))
    [method] = list(world.local.store.ids("payment_method"))
    still_open = world.gateway.checkout.get(session.id).status
    done = page.submit(session.id, params(method=method, confirmed="yes"))

    assert (b"Is that you?" in asked.body, still_open) == (True, CheckoutStatus.OPEN)
    assert done.location == "http://t.test/"
    assert [charge.is_paid for charge in world.gateway.payments.charges(customer_id=customer.id)] == [True]


def test_the_bank_wants_to_see_the_owner_on_the_page_of_the_invoice(world, press):
    subscription = world.subscription(world.price(1000), card="pm_card_chargeCustomerFail")
    press("payment", what="authenticate")

    asked = InvoicePage(world.local).submit(subscription.latest_invoice_id, params(**TYPED))

    assert b"Is that you?" in asked.body
    assert world.gateway.invoices.get(subscription.latest_invoice_id).status is InvoiceStatus.OPEN


def test_a_card_that_has_expired_pays_nothing_any_more(world, press):
    subscription = world.subscription(world.price(1000))

    press("expire_card", payment_method=subscription.default_payment_method_id)
    world.wait(days=31)

    invoice = newest(world, subscription)
    intent = world.gateway.payments.get_intent(invoice.payment_intent_id)
    assert (invoice.status, intent.decline_code) == (InvoiceStatus.OPEN, "expired_card")
    assert "payment_method.updated" in world.types()


@pytest.mark.parametrize("end", ["won", "lost"])
def test_a_charge_is_disputed_and_that_ends(world, press, end):
    subscription = world.subscription(world.price(1000))
    [charge] = world.gateway.payments.charges(customer_id=subscription.customer_id)

    press("dispute", charge=charge.id)
    [dispute_id] = list(world.local.store.ids("dispute"))
    during = world.gateway.payments.get_dispute(dispute_id).status
    press("end_dispute", dispute=dispute_id, status=end)

    assert world.gateway.payments.get_charge(charge.id).is_disputed
    assert (during, world.gateway.payments.get_dispute(dispute_id).status) == (DisputeStatus.NEEDS_RESPONSE, DisputeStatus(end))
    assert {"charge.dispute.created", "charge.dispute.closed"} <= set(world.types())
    with pytest.raises(Refusal):
        press("dispute", charge=charge.id)
    with pytest.raises(Refusal):
        press("end_dispute", dispute=dispute_id, status=end)


@pytest.mark.parametrize(
    ("fault", "failure"), [("lost", Away), ("broken", Away), ("broken_after", Away), ("busy", RateLimited)]
)
def test_the_next_requests_meet_trouble_and_those_after_them_do_not(world, press, state, fault, failure):
    press("fault", fault=fault, times=1, only="POST /v1/customers")
    planned = state()["faults"]

    world.gateway.products.create(name="Hall", metadata={}, idempotency_key=world.key())
    with pytest.raises(failure):
        world.customer()
    world.customer()

    assert planned == [{"fault": fault, "times": 1, "only": "POST /v1/customers"}]
    assert state()["faults"] == []


def test_no_more_trouble_is_no_more_trouble(world, press, state, outgoing):
    press("fault", fault="busy", times=5)
    press("payment", what="decline")
    press("drop", count=3)

    press("clear")

    assert (state()["faults"], state()["payments"], outgoing.drops) == ([], {}, 0)
    assert world.subscription(world.price(1000)).status is SubscriptionStatus.ACTIVE


def test_webhooks_are_held_back_doubled_turned_round_lost_and_sent_again(world, press, outgoing):
    press("webhooks", held="true")
    world.customer()
    world.customer()
    held = outgoing.take()
    press("webhooks", held="false", duplicates="true", reorders="true")

    sent = [webhook.event_id for webhook in outgoing.take()]
    press("drop", count=1)
    world.customer()
    lost = outgoing.take()
    press("resend", event=sent[0])
    again = [webhook.event_id for webhook in outgoing.take()]

    newest_two = list(world.local.store.ids("event"))[1:3]
    assert (held, lost) == ([], [])
    assert sent == [newest_two[0], newest_two[0], newest_two[1], newest_two[1]]
    assert again == [sent[0]] * 2


@pytest.mark.parametrize(
    ("after", "status"),
    [
        ("cancel", SubscriptionStatus.CANCELED),
        ("unpaid", SubscriptionStatus.UNPAID),
        ("past_due", SubscriptionStatus.PAST_DUE),
    ],
)
def test_retries_and_what_comes_after_them_are_as_they_are_set(world, press, after, status):
    press("settings", retry_days="1, 2", after_retries=after)
    subscription = world.subscription(world.price(1000))
    world.card(subscription.customer_id, "pm_card_chargeCustomerFail")
    world.gateway.subscriptions.set_payment_method(
        subscription.id, payment_method_id="pm_card_chargeCustomerFail", idempotency_key=world.key()
    )

    world.wait(days=30 + 1 + 2 + 1)

    assert newest(world, subscription).attempt_count == 3
    assert world.gateway.subscriptions.get(subscription.id).status is status


def test_a_switch_or_a_field_that_is_none_is_refused(press):
    with pytest.raises(Refusal, match="no switch"):
        press("explode")
    with pytest.raises(Refusal, match="unknown parameter"):
        press("clear", everything="yes")


def test_a_decline_is_told_to_who_begins_at_that_moment(world, press):
    press("payment", what="decline")
    with pytest.raises(CardDeclined):
        world.subscription(world.price(1000), if_unpaid=IfUnpaid.REFUSE)
    press("payment", what="authenticate")
    with pytest.raises(AuthenticationNeeded):
        world.subscription(world.price(1000), if_unpaid=IfUnpaid.REFUSE)
