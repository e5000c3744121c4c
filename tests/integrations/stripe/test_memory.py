"""The local Stripe's memory: on disk it survives a restart, and the same seed gives the same ids."""

from __future__ import annotations

import pytest

from integrations.stripe import StripeGateway
from integrations.stripe.errors import Away
from integrations.stripe.fake.faults import Fault
from integrations.stripe.fake.local import TEST_KEY, LocalStripe
from integrations.stripe.fake.outgoing import Outgoing
from integrations.stripe.fake.transport import InProcess
from integrations.stripe.gateway.catalogue import Interval
from integrations.stripe.gateway.subscription import ItemChange
from kernel.money import Money

from .conftest import BEGUN


def gateway_of(local: LocalStripe) -> StripeGateway:
    return StripeGateway(api_key=TEST_KEY, http=InProcess(local), api_base="http://stripe.test")


def test_after_a_restart_objects_time_keys_and_waiting_webhooks_are_there(tmp_path):
    path = tmp_path / "state.sqlite"
    local = LocalStripe(frozen_at=BEGUN, state=path)
    gateway = gateway_of(local)
    customer = gateway.customers.create(name="A", email="a@example.test", metadata={}, idempotency_key="c")
    product = gateway.products.create(name="P", metadata={}, idempotency_key="p")
    price = gateway.prices.create(
        product_id=product.id, unit_amount=Money(1000, "USD"), interval=Interval.MONTH, metadata={}, idempotency_key="r"
    )
    local.faults.plan(Fault.LOST)
    order = {
        "customer_id": customer.id,
        "items": [ItemChange(price_id=price.id)],
        "metadata": {},
        "payment_method_id": "pm_card_visa",
        "idempotency_key": "s",
    }
    with pytest.raises(Away):
        gateway.subscriptions.create(**order)
    local.advance(3600)
    moment, waiting = local.now(), list(local.store.fresh)
    local.close()

    again = LocalStripe(frozen_at=BEGUN, state=path)
    gateway = gateway_of(again)
    subscription = gateway.subscriptions.create(**order)
    again.advance(31 * 86_400)

    assert again.now() == moment + 31 * 86_400
    assert again.store.fresh[: len(waiting)] == waiting
    assert gateway.customers.get(customer.id).name == customer.name
    assert [charge.amount for charge in gateway.payments.charges(customer_id=customer.id)] == [Money(1000, "USD")] * 2
    assert len(gateway.invoices.all(subscription_id=subscription.id)) == 2
    assert len({event["id"] for event in again.events()}) == len(again.events())
    again.close()


def test_the_same_seed_gives_the_same_ids_and_another_one_others():
    made = [
        gateway_of(LocalStripe(frozen_at=BEGUN, seed=seed)).customers.create(
            name="A", email="a@example.test", metadata={}, idempotency_key="c"
        )
        for seed in ("one", "one", "two")
    ]

    assert made[0] == made[1]
    assert made[0].id != made[2].id


class TestOutgoing:
    """Webhooks, held back, doubled, turned around, lost and tried again."""

    def test_held_ones_wait_and_go_in_their_order(self, world):
        outgoing = Outgoing(world.local.store, ["whsec"], is_held=True)
        world.customer()
        world.price(100)
        held = outgoing.take()

        outgoing.is_held = False

        assert held == []
        assert [webhook.type for webhook in outgoing.take()] == ["customer.created", "product.created", "price.created"]
        assert outgoing.take() == []

    def test_they_can_come_twice_and_the_other_way_round(self, world):
        outgoing = Outgoing(world.local.store, ["whsec"], duplicates=True, reorders=True)
        world.price(100)

        types = [webhook.type for webhook in outgoing.take()]

        assert types == ["price.created", "price.created", "product.created", "product.created"]

    def test_a_lost_one_never_comes_and_is_still_listed(self, world):
        outgoing = Outgoing(world.local.store, ["whsec"], drops=1)
        world.price(100)

        assert [webhook.type for webhook in outgoing.take()] == ["price.created"]
        assert world.types() == ["product.created", "price.created"]

    def test_what_did_not_arrive_is_sent_again_later_and_not_for_ever(self, world):
        outgoing = Outgoing(world.local.store, ["whsec"])
        world.customer()
        moment, tries = 0.0, 0

        for _ in range(20):
            for webhook in outgoing.take(moment=moment):
                tries += 1
                outgoing.note(webhook.event_id, arrived=False, moment=moment)
                assert outgoing.take(moment=moment) == []
            moment += 100

        assert tries == 9

    def test_by_hand_one_is_sent_again(self, world):
        outgoing = Outgoing(world.local.store, ["whsec"])
        world.customer()
        first = outgoing.take()
        outgoing.note(first[0].event_id, arrived=True)

        outgoing.send_again(first[0].event_id)

        assert b'"customer.created"' in next(webhook.body for webhook in outgoing.take())
