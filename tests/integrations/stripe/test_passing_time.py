"""What time does to subscriptions: renewals, trials, failures, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.stripe.errors import InvalidRequest
from integrations.stripe.gateway.discounts import Duration
from integrations.stripe.gateway.invoice import InvoiceStatus
from integrations.stripe.gateway.subscription import ItemChange, PauseBehavior, SubscriptionStatus
from kernel.money import Money

from .conftest import BEGUN


def usd(amount: int) -> Money:
    return Money(amount, "USD")


def test_each_month_is_billed_once_on_its_own_day(world):
    world.wait_until(datetime(2026, 5, 31, 12, tzinfo=UTC))
    subscription = world.subscription(world.price(1000))

    world.wait(days=130)

    days = [
        invoice.created_at.date().isoformat() for invoice in world.gateway.invoices.all(customer_id=subscription.customer_id)
    ]
    assert days == ["2026-09-30", "2026-08-31", "2026-07-31", "2026-06-30", "2026-05-31"]
    assert all(invoice.status is InvoiceStatus.PAID for invoice in world.gateway.invoices.all())


def test_a_draft_becomes_final_an_hour_after_the_period_turned(world):
    subscription = world.subscription(world.price(1000))
    world.wait_until(datetime(2026, 5, 1, 0, 59, tzinfo=UTC))
    before = world.gateway.invoices.all(customer_id=subscription.customer_id)[0]

    world.wait(minutes=1)

    after = world.gateway.invoices.get(before.id)
    assert (before.status, before.number, after.status) == (InvoiceStatus.DRAFT, "", InvoiceStatus.PAID)
    assert after.finalized_at == datetime(2026, 5, 1, 1, tzinfo=UTC)


def test_a_trial_costs_nothing_is_announced_and_ends_in_a_paid_period(world):
    subscription = world.subscription(world.price(1000), trial_end=BEGUN + timedelta(days=14))
    world.wait(days=11)
    told = world.types()

    world.wait(days=4)

    now = world.gateway.subscriptions.get(subscription.id)
    assert (subscription.status, subscription.trial_end) == (SubscriptionStatus.TRIALING, BEGUN + timedelta(days=14))
    assert told.count("customer.subscription.trial_will_end") == 1
    assert (now.status, now.period_start) == (SubscriptionStatus.ACTIVE, BEGUN + timedelta(days=14))
    newest, first = world.gateway.invoices.all(customer_id=subscription.customer_id)
    assert (first.total, newest.total, newest.status) == (usd(0), usd(1000), InvoiceStatus.PAID)


def test_a_trial_that_ends_without_a_card_sleeps_until_there_is_one(world):
    subscription = world.subscription(world.price(1000), card="", trial_end=BEGUN + timedelta(days=14))
    world.wait(days=20)
    asleep = world.gateway.subscriptions.get(subscription.id)
    world.card(subscription.customer_id, "pm_card_visa")

    awake = world.gateway.subscriptions.resume(subscription.id, idempotency_key=world.key())

    assert (asleep.status, awake.status) == (SubscriptionStatus.PAUSED, SubscriptionStatus.ACTIVE)
    assert awake.period_start == BEGUN + timedelta(days=20)
    assert world.gateway.invoices.get(awake.latest_invoice_id).amount_paid == usd(1000)


def test_a_cancelled_subscription_runs_out_and_can_be_taken_back_until_then(world):
    kept, left = world.subscription(world.price(1000)), world.subscription(world.price(1000))
    for each in (kept, left):
        world.gateway.subscriptions.cancel_at_period_end(each.id, comment="too dear", idempotency_key=world.key())
    world.gateway.subscriptions.withdraw_cancellation(kept.id, idempotency_key=world.key())

    world.wait(days=31)

    assert world.gateway.subscriptions.get(kept.id).status is SubscriptionStatus.ACTIVE
    gone = world.gateway.subscriptions.get(left.id)
    assert (gone.status, gone.ended_at) == (SubscriptionStatus.CANCELED, datetime(2026, 5, 1, tzinfo=UTC))
    assert len(world.gateway.invoices.all(customer_id=left.customer_id)) == 1
    assert world.types().count("customer.subscription.deleted") == 1


@pytest.mark.parametrize(
    ("after_retries", "status"),
    [("unpaid", SubscriptionStatus.UNPAID), ("cancel", SubscriptionStatus.CANCELED), ("past_due", SubscriptionStatus.PAST_DUE)],
)
def test_a_failing_card_is_tried_by_the_schedule_and_then_given_up(world, after_retries, status):
    world.local.set(retry_days=[3, 5], after_retries=after_retries)
    subscription = world.subscription(world.price(1000))
    world.card(subscription.customer_id, "pm_card_chargeCustomerFail")
    broken = world.gateway.customers.get(subscription.customer_id).default_payment_method_id
    world.gateway.subscriptions.set_payment_method(subscription.id, payment_method_id=broken, idempotency_key=world.key())

    world.wait_until(datetime(2026, 5, 1, 2, tzinfo=UTC))
    first = world.gateway.invoices.all(customer_id=subscription.customer_id)[0]
    behind = world.gateway.subscriptions.get(subscription.id)
    world.wait(days=10)

    assert (first.attempt_count, first.next_attempt_at) == (1, datetime(2026, 5, 4, 1, tzinfo=UTC))
    assert behind.status is SubscriptionStatus.PAST_DUE
    last = world.gateway.invoices.get(first.id)
    assert (last.attempt_count, last.next_attempt_at, last.status) == (3, None, InvoiceStatus.OPEN)
    assert world.gateway.subscriptions.get(subscription.id).status is status
    assert world.types().count("invoice.payment_failed") == 3


def test_a_better_card_within_the_retries_makes_it_active_again(world):
    subscription = world.subscription(world.price(1000))
    bad = world.card(subscription.customer_id, "pm_card_chargeCustomerFail")
    world.gateway.subscriptions.set_payment_method(subscription.id, payment_method_id=bad, idempotency_key=world.key())
    world.wait_until(datetime(2026, 5, 1, 2, tzinfo=UTC))

    good = world.card(subscription.customer_id, "pm_card_mastercard")
    world.gateway.subscriptions.set_payment_method(subscription.id, payment_method_id=good, idempotency_key=world.key())
    world.wait(days=4)

    assert world.gateway.subscriptions.get(subscription.id).status is SubscriptionStatus.ACTIVE
    assert world.gateway.customers.get(subscription.customer_id).is_delinquent is False
    newest = world.gateway.invoices.all(customer_id=subscription.customer_id)[0]
    assert (newest.status, newest.attempt_count, newest.amount_paid) == (InvoiceStatus.PAID, 2, usd(1000))


def test_a_first_invoice_that_nobody_pays_expires_within_a_day(world):
    subscription = world.subscription(world.price(1000), card="pm_card_chargeCustomerFail")

    world.wait(hours=23)

    gone = world.gateway.subscriptions.get(subscription.id)
    assert (subscription.status, gone.status) == (SubscriptionStatus.INCOMPLETE, SubscriptionStatus.INCOMPLETE_EXPIRED)
    assert world.gateway.invoices.get(subscription.latest_invoice_id).status is InvoiceStatus.VOID
    assert not [charge for charge in world.gateway.payments.charges(customer_id=subscription.customer_id) if charge.is_paid]


def test_a_card_expires_with_its_last_month(world):
    subscription = world.subscription(world.price(1000))
    world.wait(days=9 * 365)

    codes = {charge.failure_code for charge in world.gateway.payments.charges(customer_id=subscription.customer_id)}

    assert codes == {"", "expired_card"}


def test_while_collection_is_paused_invoices_are_voided(world):
    subscription = world.subscription(world.price(1000))
    world.gateway.subscriptions.pause_collection(subscription.id, behavior=PauseBehavior.VOID, idempotency_key=world.key())
    world.wait(days=31)
    world.gateway.subscriptions.resume_collection(subscription.id, idempotency_key=world.key())

    world.wait(days=31)

    states = [invoice.status for invoice in world.gateway.invoices.all(customer_id=subscription.customer_id)]
    assert states == [InvoiceStatus.PAID, InvoiceStatus.VOID, InvoiceStatus.PAID]


def test_gift_time_moves_the_next_payment_and_charges_nothing_before_it(world):
    subscription = world.subscription(world.price(1000))
    until = datetime(2026, 7, 1, tzinfo=UTC)

    given = world.gateway.subscriptions.set_trial_end(subscription.id, trial_end=until, idempotency_key=world.key())
    world.wait_until(datetime(2026, 6, 30, tzinfo=UTC))
    before = len(world.gateway.invoices.all(customer_id=subscription.customer_id))
    world.wait(days=2)

    assert (given.status, given.period_end) == (SubscriptionStatus.TRIALING, until)
    assert (before, len(world.gateway.invoices.all(customer_id=subscription.customer_id))) == (1, 2)


@pytest.mark.parametrize(
    ("duration", "months", "totals"),
    [
        (Duration.ONCE, None, [1000, 1000, 1000, 750]),
        (Duration.REPEATING, 2, [1000, 1000, 750, 750]),
        (Duration.FOREVER, None, [750, 750, 750, 750]),
    ],
)
def test_a_coupon_works_for_as_long_as_it_says(world, duration, months, totals):
    coupon = world.gateway.discounts.create_coupon(
        name="Quarter off", duration=duration, duration_in_months=months, off_basis_points=2500, idempotency_key=world.key()
    )
    subscription = world.subscription(world.price(1000), coupon_id=coupon.id)

    world.wait_until(datetime(2026, 7, 2, tzinfo=UTC))

    found = world.gateway.invoices.all(customer_id=subscription.customer_id)
    assert [invoice.total.amount_minor for invoice in found] == totals


def test_a_trial_does_not_use_up_a_coupon_for_once(world):
    coupon = world.gateway.discounts.create_coupon(
        name="Half", duration=Duration.ONCE, off_basis_points=5000, idempotency_key=world.key()
    )
    subscription = world.subscription(world.price(1000), coupon_id=coupon.id, trial_end=BEGUN + timedelta(days=14))

    world.wait(days=60)

    found = world.gateway.invoices.all(customer_id=subscription.customer_id)
    assert [invoice.total.amount_minor for invoice in found] == [1000, 500, 0]


def test_customers_on_a_test_clock_live_in_their_own_time(world):
    unit = world.local.unit()
    clock = unit.new(
        "test_helpers.test_clock",
        "clock",
        frozen_time=int(BEGUN.timestamp()),
        status="ready",
        status_details={"advancing": None},
        deletes_after=0,
    )
    unit.commit()
    ahead, beside = world.customer(test_clock_id=clock["id"]), world.customer()
    price = world.price(1000)
    subscriptions = [world.subscription(price, customer_id=each.id) for each in (ahead, beside)]

    world.local._advance_clock(clock["id"], int(datetime(2026, 6, 2, tzinfo=UTC).timestamp()))

    assert len(world.gateway.invoices.all(customer_id=ahead.id)) == 3
    assert len(world.gateway.invoices.all(customer_id=beside.id)) == 1
    assert world.gateway.subscriptions.get(subscriptions[1].id).period_end == datetime(2026, 5, 1, tzinfo=UTC)


def test_usage_is_billed_once_the_period_is_over(world):
    from decimal import Decimal

    from integrations.stripe.gateway.catalogue import Interval
    from integrations.stripe.gateway.meters import MeterEvent

    meters = world.gateway.meters
    meter = meters.create(name="Tokens", event_name="tokens", idempotency_key=world.key())
    product = world.gateway.products.create(name="Tokens", metadata={}, idempotency_key=world.key())
    metered = world.gateway.prices.create_metered(
        product_id=product.id,
        meter_id=meter.id,
        unit_amount_decimal=Decimal("0.4"),
        currency="USD",
        interval=Interval.MONTH,
        metadata={},
        idempotency_key=world.key(),
    )
    customer = world.customer()
    items = [ItemChange(price_id=world.price(1000).id, quantity=1), ItemChange(price_id=metered.id)]
    subscription = world.gateway.subscriptions.create(
        customer_id=customer.id, items=items, metadata={}, payment_method_id="pm_card_visa", idempotency_key=world.key()
    )
    used = [MeterEvent(f"e{n}", "tokens", customer.id, 1000 + n, BEGUN) for n in range(3)]

    first = meters.report(used, idempotency_key="batch-1")
    again = meters.report(used, idempotency_key="batch-2")
    unknown = meters.report([MeterEvent("x", "nothing", customer.id, 1, BEGUN)], idempotency_key="batch-3")
    world.wait(days=31)

    assert first.taken == again.taken == ("e0", "e1", "e2")
    assert [identifier for identifier, _reason in unknown.refused] == ["x"]
    assert meters.usage(meter.id, customer_id=customer.id, starts_at=BEGUN, ends_at=BEGUN + timedelta(days=1))[0].value == 3003
    newest = world.gateway.invoices.all(customer_id=customer.id)[0]
    assert sorted(line.amount.amount_minor for line in newest.lines) == [1000, 1201]
    assert subscription.items[1].quantity is None


def test_time_cannot_be_set_back_for_a_trial(world):
    subscription = world.subscription(world.price(1000))

    with pytest.raises(InvalidRequest, match="future"):
        world.gateway.subscriptions.set_trial_end(
            subscription.id, trial_end=BEGUN - timedelta(days=1), idempotency_key=world.key()
        )


def test_time_given_away_moves_the_end_of_a_subscription_that_was_cancelled_for_it(world):
    subscription = world.subscription(world.price(1000))
    world.gateway.subscriptions.cancel_at_period_end(subscription.id, idempotency_key=world.key())
    later = BEGUN + timedelta(days=75)

    world.gateway.subscriptions.set_trial_end(subscription.id, trial_end=later, idempotency_key=world.key())
    world.wait(days=60)
    given = world.gateway.subscriptions.get(subscription.id)
    world.wait(days=16)

    assert (given.status, given.cancel_at, given.is_cancelled_at_period_end) == (SubscriptionStatus.TRIALING, later, True)
    ended = world.gateway.subscriptions.get(subscription.id)
    assert (ended.status, ended.ended_at) == (SubscriptionStatus.CANCELED, later)


def test_what_a_deleted_customer_had_subscribed_to_is_over(world):
    subscription = world.subscription(world.price(1000))

    world.gateway.customers.delete(subscription.customer_id, idempotency_key=world.key())

    assert world.gateway.subscriptions.get(subscription.id).status is SubscriptionStatus.CANCELED
    assert world.types().count("customer.subscription.deleted") == 1
    world.wait(days=40)
    assert len(world.gateway.invoices.all()) == 1
