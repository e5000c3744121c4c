"""What a change within a period costs, against the examples of Stripe's documentation ("Prorations")."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.stripe.gateway.catalogue import Interval
from integrations.stripe.gateway.discounts import Duration
from integrations.stripe.gateway.subscription import ItemChange, Proration
from kernel.money import Money

from .conftest import DAY, World


def usd(amount: int) -> Money:
    return Money(amount, "USD")


def test_half_way_from_10_to_20_dollars_costs_5(world):
    """The documentation's first example: -5 for unused time, 10 for the remaining time."""
    subscription = world.subscription(world.price(1000))
    world.wait(days=15)

    shown = world.gateway.subscriptions.preview(
        customer_id=subscription.customer_id,
        subscription_id=subscription.id,
        changes=[ItemChange(item_id=subscription.items[0].id, price_id=world.price(2000).id)],
    )

    assert [line.amount for line in shown.lines] == [usd(-500), usd(1000)]
    assert all(line.is_proration for line in shown.lines)
    assert (shown.total, shown.amount_due) == (usd(500), usd(500))
    assert shown.id == ""


def test_without_invoicing_now_it_waits_for_the_next_invoice(world):
    """The same change by default: 20 for the next month and 5 for this one are 25."""
    dearer = world.price(2000)
    subscription = world.subscription(world.price(1000))
    world.wait(days=15)

    changes = [ItemChange(item_id=subscription.items[0].id, price_id=dearer.id)]
    world.gateway.subscriptions.change_items(
        subscription.id, changes=changes, proration=Proration.ON_NEXT_INVOICE, idempotency_key=world.key()
    )
    world.wait(days=16)

    newest, first = world.gateway.invoices.all(customer_id=subscription.customer_id)
    assert [line.amount for line in newest.lines] == [usd(-500), usd(1000), usd(2000)]
    assert (newest.total, newest.reason) == (usd(2500), "subscription_cycle")
    assert first.total == usd(1000)


def test_what_the_preview_shows_is_what_is_charged_even_when_time_has_passed(world):
    dearer = world.price(2999)
    subscription = world.subscription(world.price(1000), quantity=3)
    world.wait(days=7, hours=5, minutes=13, seconds=7)
    change = [ItemChange(item_id=subscription.items[0].id, price_id=dearer.id, quantity=7)]
    moment = datetime.fromtimestamp(world.local.now(), UTC)
    asked = {"changes": change, "prorated_at": moment}
    shown = world.gateway.subscriptions.preview(customer_id=subscription.customer_id, subscription_id=subscription.id, **asked)

    world.wait(minutes=9)
    changed = world.gateway.subscriptions.change_items(
        subscription.id, **asked, proration=Proration.INVOICE_NOW, idempotency_key=world.key()
    )

    charged = world.gateway.invoices.get(changed.latest_invoice_id)
    assert [line.amount for line in charged.lines] == [line.amount for line in shown.lines]
    assert charged.amount_paid == shown.amount_due


def test_a_cheaper_price_leaves_a_credit_that_the_next_invoice_uses_up(world):
    """Downgrades are not refunded: "the credit is applied to the next invoice"."""
    cheaper = world.price(1000)
    subscription = world.subscription(world.price(2000))
    world.wait(days=15)

    changes = [ItemChange(item_id=subscription.items[0].id, price_id=cheaper.id)]
    changed = world.gateway.subscriptions.change_items(
        subscription.id, changes=changes, proration=Proration.INVOICE_NOW, idempotency_key=world.key()
    )
    credit = world.gateway.invoices.get(changed.latest_invoice_id)
    held = world.gateway.customers.get(subscription.customer_id).credit
    world.wait(days=16)

    assert (credit.total, credit.amount_due, credit.credit_after) == (usd(-500), usd(0), usd(500))
    assert held == usd(500)
    newest = world.gateway.invoices.all(customer_id=subscription.customer_id)[0]
    assert (newest.total, newest.amount_due, newest.credit_before, newest.credit_after) == (
        usd(1000),
        usd(500),
        usd(500),
        usd(0),
    )


def test_more_seats_cost_the_time_that_remains_of_them(world):
    subscription = world.subscription(world.price(1000), quantity=2)
    world.wait(days=20)

    changes = [ItemChange(item_id=subscription.items[0].id, quantity=5)]
    changed = world.gateway.subscriptions.change_items(
        subscription.id, changes=changes, proration=Proration.INVOICE_NOW, idempotency_key=world.key()
    )

    invoice = world.gateway.invoices.get(changed.latest_invoice_id)
    # A third of 30 days is left: of 20 and of 50 dollars.
    assert [line.amount for line in invoice.lines] == [usd(-667), usd(1667)]
    assert changed.items[0].quantity == 5


def test_with_a_coupon_both_sides_are_net_of_it(world):
    dearer = world.price(2000)
    coupon = world.gateway.discounts.create_coupon(
        name="Half", duration=Duration.FOREVER, off_basis_points=5000, idempotency_key=world.key()
    )
    subscription = world.subscription(world.price(1000), coupon_id=coupon.id)
    world.wait(days=15)

    shown = world.gateway.subscriptions.preview(
        customer_id=subscription.customer_id,
        subscription_id=subscription.id,
        changes=[ItemChange(item_id=subscription.items[0].id, price_id=dearer.id)],
    )

    assert [line.amount for line in shown.lines] == [usd(-250), usd(500)]
    assert shown.discount == usd(0)


def test_another_interval_begins_a_new_period_at_once(world):
    """ "If the intervals are different, the billing date changes"; the old time is credited, the new period paid in full."""
    yearly = world.price(10_000, interval=Interval.YEAR)
    subscription = world.subscription(world.price(1000))
    world.wait(days=15)

    changes = [ItemChange(item_id=subscription.items[0].id, price_id=yearly.id)]
    changed = world.gateway.subscriptions.change_items(
        subscription.id, changes=changes, proration=Proration.INVOICE_NOW, idempotency_key=world.key()
    )

    invoice = world.gateway.invoices.get(changed.latest_invoice_id)
    assert [line.amount for line in invoice.lines] == [usd(-500), usd(10_000)]
    assert (changed.period_end - changed.period_start).days == 365
    assert changed.period_start == datetime(2026, 4, 16, tzinfo=UTC)


def test_without_proration_nothing_is_charged_before_the_next_period(world):
    dearer = world.price(2000)
    subscription = world.subscription(world.price(1000))
    world.wait(days=15)

    changes = [ItemChange(item_id=subscription.items[0].id, price_id=dearer.id)]
    world.gateway.subscriptions.change_items(
        subscription.id, changes=changes, proration=Proration.NONE, idempotency_key=world.key()
    )
    world.wait(days=16)

    assert [invoice.total for invoice in world.gateway.invoices.all(customer_id=subscription.customer_id)] == [
        usd(2000),
        usd(1000),
    ]


@pytest.mark.parametrize(
    ("currency", "before", "after", "due"), [("JPY", 1000, 2000, 500), ("KWD", 10_000, 20_000, 5000), ("ISK", 10, 20, 5)]
)
def test_currencies_without_and_with_three_decimals_are_prorated_in_their_own_unit(world, currency, before, after, due):
    dearer = world.price(after, currency)
    subscription = world.subscription(world.price(before, currency))
    world.wait(days=15)

    shown = world.gateway.subscriptions.preview(
        customer_id=subscription.customer_id,
        subscription_id=subscription.id,
        changes=[ItemChange(item_id=subscription.items[0].id, price_id=dearer.id)],
    )

    assert shown.amount_due == Money(due, currency)


@settings(max_examples=20)
@given(moment=st.integers(0, 30 * DAY), quantity=st.integers(1, 40), amount=st.integers(0, 100_000))
def test_there_and_back_within_a_second_costs_nothing(moment, quantity, amount):
    world = World()
    subscription = world.subscription(world.price(1700), quantity=3)
    other = world.price(amount)
    item = subscription.items[0]
    if moment:
        world.wait(seconds=min(moment, 30 * DAY - 1))

    for change in (ItemChange(item.id, other.id, quantity), ItemChange(item.id, item.price_id, 3)):
        world.gateway.subscriptions.change_items(
            subscription.id, changes=[change], proration=Proration.ON_NEXT_INVOICE, idempotency_key=world.key()
        )

    shown = world.gateway.subscriptions.preview(
        customer_id=subscription.customer_id, subscription_id=subscription.id, changes=[], proration=Proration.INVOICE_NOW
    )
    assert shown.total == usd(0)
