"""Two who press at the same moment, through the whole of a local Stripe: each command is done once, whoever comes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from integrations.stripe.gateway.subscription import ItemChange, Proration
from kernel.money import Money


def test_the_same_key_from_eight_threads_is_one_subscription(world):
    customer, price = world.customer(), world.price(1000)

    def order(_number: int) -> str:
        return world.gateway.subscriptions.create(
            customer_id=customer.id,
            items=[ItemChange(price_id=price.id)],
            metadata={},
            payment_method_id="pm_card_visa",
            idempotency_key="one-order",
        ).id

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(order, range(8)))

    assert len(made) == 1
    assert [charge.amount for charge in world.gateway.payments.charges(customer_id=customer.id)] == [Money(1000, "USD")]


def test_upgrade_and_cancellation_at_once_leave_one_story(world):
    subscription = world.subscription(world.price(1000))
    dearer = world.price(2000)
    world.wait(days=15)

    def upgrade() -> object:
        return world.gateway.subscriptions.change_items(
            subscription.id,
            changes=[ItemChange(item_id=subscription.items[0].id, price_id=dearer.id)],
            proration=Proration.INVOICE_NOW,
            idempotency_key="upgrade",
        )

    def cancel() -> object:
        return world.gateway.subscriptions.cancel_at_period_end(subscription.id, idempotency_key="cancel")

    with ThreadPoolExecutor(2) as pool:
        for job in [pool.submit(upgrade), pool.submit(cancel)]:
            job.result()

    after = world.gateway.subscriptions.get(subscription.id)
    assert (after.items[0].price_id, after.is_cancelled_at_period_end) == (dearer.id, True)
    assert sum(charge.amount.amount_minor for charge in world.gateway.payments.charges(customer_id=after.customer_id)) == 1500
