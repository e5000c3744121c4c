"""How a command fails, what is done nevertheless, and that asking again with the same key does it once."""

from __future__ import annotations

import logging

import pytest
import stripe

from integrations.stripe import StripeGateway, sentence_of_decline
from integrations.stripe.asking import ask
from integrations.stripe.errors import (
    AuthenticationNeeded,
    Away,
    CardDeclined,
    InvalidRequest,
    KeyInUse,
    KeyReused,
    NoSuchObject,
    PlatformKeyRefused,
    RateLimited,
)
from integrations.stripe.fake.api import Opened, Request
from integrations.stripe.fake.faults import CardFault, Fault
from integrations.stripe.fake.local import TEST_KEY
from integrations.stripe.fake.transport import InProcess
from integrations.stripe.gateway.subscription import IfUnpaid, ItemChange, Proration, SubscriptionStatus
from integrations.stripe.transport import Transport
from kernel.breaker import Breaker
from kernel.errors import PermanentFailure, TemporaryFailure
from kernel.http_client import HttpClient
from kernel.money import Money


def paid(world, customer_id: str) -> list[Money]:
    return [charge.amount for charge in world.gateway.payments.charges(customer_id=customer_id) if charge.is_paid]


def test_a_lost_reply_and_another_try_charge_once(world):
    """F04: Stripe answered, but the reply was lost."""
    customer, price = world.customer(), world.price(1000)
    world.local.faults.plan(Fault.LOST, only="POST /v1/subscriptions")
    wish = {
        "customer_id": customer.id,
        "items": [ItemChange(price_id=price.id, quantity=1)],
        "metadata": {},
        "payment_method_id": "pm_card_visa",
        "idempotency_key": "order-1",
    }
    with pytest.raises(Away) as failure:
        world.gateway.subscriptions.create(**wish)

    made = world.gateway.subscriptions.create(**wish)

    assert isinstance(failure.value, TemporaryFailure)
    assert failure.value.was_sent
    assert not failure.value.is_final
    assert made.status is SubscriptionStatus.ACTIVE
    assert paid(world, customer.id) == [Money(1000, "USD")]
    assert len(world.gateway.subscriptions.all(customer_id=customer.id)) == 1


def test_without_the_same_key_it_would_be_charged_twice(world):
    """The negative control of the test above."""
    customer, price = world.customer(), world.price(1000)
    world.local.faults.plan(Fault.LOST, only="POST /v1/subscriptions")
    with pytest.raises(Away):
        world.subscription(price, customer_id=customer.id)

    world.subscription(price, customer_id=customer.id)

    assert len(paid(world, customer.id)) == 2


@pytest.mark.parametrize(("fault", "charges"), [(Fault.BROKEN, 0), (Fault.BROKEN_AFTER, 1)])
def test_a_500_stays_under_its_key_whether_it_was_done_or_not(world, fault, charges):
    customer, price = world.customer(), world.price(1000)
    world.local.faults.plan(fault, only="POST /v1/subscriptions")
    failures = []

    for _ in range(2):
        with pytest.raises(Away) as failure:
            world.gateway.subscriptions.create(
                customer_id=customer.id,
                items=[ItemChange(price_id=price.id)],
                metadata={},
                payment_method_id="pm_card_visa",
                idempotency_key="order-1",
            )
        failures.append(failure.value.is_final)

    assert failures == [False, True]
    assert len(paid(world, customer.id)) == charges


def test_a_key_that_was_used_for_something_else_does_nothing(world):
    world.gateway.customers.create(name="A", email="a@example.test", metadata={}, idempotency_key="k")

    with pytest.raises(KeyReused) as failure:
        world.gateway.customers.create(name="B", email="a@example.test", metadata={}, idempotency_key="k")

    assert isinstance(failure.value, PermanentFailure)
    assert len(list(world.local.store.ids("customer"))) == 1


def test_a_key_is_forgotten_after_a_day(world):
    first = world.gateway.customers.create(name="A", email="a@example.test", metadata={}, idempotency_key="k")
    world.wait(hours=23)
    same = world.gateway.customers.create(name="A", email="a@example.test", metadata={}, idempotency_key="k")

    world.wait(hours=1)
    other = world.gateway.customers.create(name="A", email="a@example.test", metadata={}, idempotency_key="k")

    assert first.id == same.id != other.id


def test_a_second_request_under_a_key_that_is_not_answered_yet_is_told_so(world):
    headers = {"authorization": f"Bearer {TEST_KEY}", "idempotency-key": "k"}
    request = Request("POST", "/v1/customers", "name=A&email=a%40example.test", headers)
    opened = world.local.api.open(request)
    assert isinstance(opened, Opened)

    with pytest.raises(KeyInUse) as failure:
        world.gateway.customers.create(name="A", email="a@example.test", metadata={}, idempotency_key="k")

    assert isinstance(failure.value, TemporaryFailure)
    assert world.local.api.work(opened).status == 200


def test_too_much_at_once_is_temporary_and_does_nothing(world):
    world.local.faults.plan(Fault.BUSY)

    with pytest.raises(RateLimited) as failure:
        world.customer()

    assert isinstance(failure.value, TemporaryFailure)
    assert list(world.local.store.ids("customer")) == []


@pytest.mark.parametrize(("wish", "seconds"), [("7", 7.0), ("86400", 3600.0), ("soon", None), ("", None)])
def test_how_long_stripe_wants_to_be_left_alone_is_told(wish, seconds):
    """The job that asked waits so long, and not as its own patience says (kernel.outbox)."""

    def refused():
        raise stripe.RateLimitError("slowly", headers={"retry-after": wish})

    with pytest.raises(RateLimited) as failure:
        ask(refused)

    assert failure.value.retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("card", "decline_code"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargeCustomerFail", "generic_decline"),
    ],
)
def test_a_declined_card_refuses_the_command_and_leaves_nothing(world, card, decline_code):
    customer, price = world.customer(), world.price(1000)

    with pytest.raises(CardDeclined) as failure:
        world.subscription(price, customer_id=customer.id, card=card, if_unpaid=IfUnpaid.REFUSE)

    assert failure.value.decline_code == decline_code
    assert sentence_of_decline(decline_code)
    assert world.gateway.subscriptions.all(customer_id=customer.id) == []
    assert paid(world, customer.id) == []


def test_a_change_that_cannot_be_paid_changes_nothing(world):
    dearer = world.price(9000)
    subscription = world.subscription(world.price(1000))
    world.local.faults.payments[subscription.customer_id] = CardFault.DECLINE

    with pytest.raises(CardDeclined):
        world.gateway.subscriptions.change_items(
            subscription.id,
            changes=[ItemChange(item_id=subscription.items[0].id, price_id=dearer.id)],
            proration=Proration.INVOICE_NOW,
            idempotency_key=world.key(),
        )

    assert world.gateway.subscriptions.get(subscription.id) == subscription


def test_the_bank_may_want_to_see_the_owner(world):
    with pytest.raises(AuthenticationNeeded) as failure:
        world.subscription(world.price(1000), card="pm_card_authenticationRequired", if_unpaid=IfUnpaid.REFUSE)

    assert failure.value.code == "authentication_required"


def test_an_invoice_that_waits_for_the_owner_says_so_when_it_is_paid_by_hand(world):
    subscription = world.subscription(world.price(1000), card="pm_card_authenticationRequired")

    with pytest.raises(AuthenticationNeeded) as failure:
        world.gateway.invoices.pay(subscription.latest_invoice_id, idempotency_key=world.key())

    intent = world.gateway.payments.get_intent(failure.value.payment_intent_id)
    assert intent.status == "requires_action"
    assert "invoice.payment_action_required" in world.types()


def test_what_does_not_exist_is_not_found_and_what_makes_no_sense_is_our_mistake(world):
    with pytest.raises(NoSuchObject):
        world.gateway.subscriptions.get("sub_nothing")
    with pytest.raises(InvalidRequest) as failure:
        world.subscription(world.price(1000), customer_id="cus_nothing")

    assert (failure.value.code, failure.value.param) == ("resource_missing", "customer")


def test_a_parameter_that_the_local_stripe_does_not_know_is_refused_and_not_ignored(world):
    headers = {"authorization": f"Bearer {TEST_KEY}"}
    reply = world.local.api.answer(Request("POST", "/v1/customers", "name=A&colour=red", headers))

    assert (reply.status, '"parameter_unknown"' in reply.body) == (400, True)
    assert list(world.local.store.ids("customer")) == []


def test_another_version_of_the_interface_is_refused(world):
    headers = {"authorization": f"Bearer {TEST_KEY}", "stripe-version": "2019-01-01"}

    assert world.local.api.answer(Request("GET", "/v1/customers", "", headers)).status == 400


def test_a_wrong_key_is_the_operators_trouble_and_shows_itself_nowhere(world, caplog):
    secret = "sk_test_canary_51Habcdefghijk"  # made up
    gateway = StripeGateway(api_key=secret, http=InProcess(world.local), api_base="http://stripe.test")
    caplog.set_level(logging.DEBUG)

    with pytest.raises(PlatformKeyRefused) as failure:
        gateway.customers.get("cus_1")

    shown = f"{failure.value!r} {failure.value} {gateway!r} {failure.value.__context__!r} {caplog.text}"
    assert "canary" not in shown
    assert failure.value.__context__ is None


def test_every_command_needs_a_key(world):
    with pytest.raises(PermanentFailure, match="idempotency"):
        world.gateway.customers.create(name="A", email="a@example.test", metadata={}, idempotency_key="")


def test_a_gateway_for_another_account_says_whose_it_is(world):
    other = world.gateway.for_account("acct_1")

    with pytest.raises(PlatformKeyRefused):
        other.customers.get("cus_1")

    assert "acct_1" in repr(other)


class TestOverTheNetwork:
    """The transport, where nobody listens."""

    def gateway(self, breaker: Breaker | None = None) -> StripeGateway:
        client = HttpClient(allow_private=["127.0.0.1:1"])
        return StripeGateway(api_key=TEST_KEY, api_base="http://127.0.0.1:1", http=Transport(client, breaker=breaker))

    def test_where_nobody_listens_nothing_was_done(self):
        with pytest.raises(Away) as failure:
            self.gateway().customers.get("cus_1")

        assert (failure.value.code, failure.value.was_sent) == ("connection_failed", False)

    def test_the_way_of_a_failure_holds_the_key_nowhere(self):
        """Whoever writes a traceback down with its variables writes no key."""
        with pytest.raises(Away) as failure:
            self.gateway().customers.get("cus_1")

        frames = [entry.frame.f_locals for entry in failure.traceback]
        assert frames
        assert [name for held in frames for name, value in held.items() if TEST_KEY in repr(value)] == []
        assert failure.value.__context__ is None

    def test_after_one_failure_the_others_do_not_wait_for_their_own(self):
        gateway = self.gateway(Breaker(60))
        with pytest.raises(Away):
            gateway.customers.get("cus_1")

        with pytest.raises(Away) as failure:
            gateway.customers.get("cus_1")

        assert failure.value.code == "stripe_breaker_open"

    def test_an_address_inside_that_was_not_allowed_is_never_spoken_to(self):
        gateway = StripeGateway(api_key=TEST_KEY, api_base="https://127.0.0.1:1", http=Transport(HttpClient()))

        with pytest.raises(PermanentFailure):
            gateway.customers.get("cus_1")
