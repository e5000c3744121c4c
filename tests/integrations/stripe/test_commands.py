"""What the gateway's commands do, told by what the questions answer afterwards."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from decimal import Decimal

import pytest
import stripe

from integrations.stripe.errors import InvalidRequest, NoSuchObject
from integrations.stripe.gateway.credit_notes import CreditNoteReason, CreditNoteStatus, GiveBack
from integrations.stripe.gateway.customers import Address, TaxIdStatus
from integrations.stripe.gateway.discounts import Duration
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.invoice import Collection, InvoiceStatus
from integrations.stripe.gateway.subscription import ItemChange, SubscriptionStatus
from kernel.money import Money

from .conftest import BEGUN


def usd(amount: int) -> Money:
    return Money(amount, "USD")


def test_a_customer_is_made_changed_and_read(world):
    made = world.customer(address=Address(line1="1 Mill Lane", country="GB"), tax_ids=[("gb_vat", "GB123456789")], locale="fr")

    changed = world.gateway.customers.update(
        made.id, email="new@example.test", metadata={"tenant": "", "plan": "hall"}, idempotency_key=world.key()
    )

    read = world.gateway.customers.get(made.id)
    assert read == changed
    assert (read.name, read.email, read.locale, dict(read.metadata)) == ("Ada Ltd", "new@example.test", "fr", {"plan": "hall"})
    assert read.address == Address(line1="1 Mill Lane", country="GB")
    assert [(each.kind, each.status) for each in world.gateway.customers.tax_ids(made.id)] == [("gb_vat", TaxIdStatus.VERIFIED)]


def test_whoever_asks_with_what_the_library_does_not_know_is_heard(world, asked):
    """The negative control of what `world` looks at after each of these tests."""
    with pytest.raises(stripe.InvalidRequestError):
        Door(world.gateway._door.client).v1.customers.create({"name": "Ada", "colour": "red"})

    assert asked == ["CustomerService.create.colour is unknown to the library"]
    asked.clear()


def test_a_tax_number_that_cannot_be_one_is_refused(world):
    customer = world.customer()

    with pytest.raises(InvalidRequest) as failure:
        world.gateway.customers.add_tax_id(customer.id, kind="eu_vat", value="?", idempotency_key=world.key())

    assert failure.value.code == "tax_id_invalid"


def test_credit_is_used_up_by_the_next_invoices(world):
    customer = world.customer()
    world.gateway.customers.give_credit(
        customer.id, amount=usd(1500), note="sorry", metadata={"by": "op"}, idempotency_key=world.key()
    )
    subscription = world.subscription(world.price(1000), customer_id=customer.id)

    world.wait(days=31)

    newest, first = world.gateway.invoices.all(subscription_id=subscription.id)
    assert (first.total, first.amount_due, first.credit_before, first.credit_after) == (usd(1000), usd(0), usd(1500), usd(500))
    assert (newest.total, newest.amount_due, newest.credit_after) == (usd(1000), usd(500), usd(0))
    entries = world.gateway.customers.credit_entries(customer.id)
    assert [(entry.amount, entry.balance) for entry in entries] == [
        (usd(-500), usd(0)),
        (usd(-1000), usd(500)),
        (usd(1500), usd(1500)),
    ]


def test_products_and_prices_are_archived_and_stay_with_who_has_them(world):
    price = world.price(1000)
    subscription = world.subscription(price)

    world.gateway.prices.archive(price.id, idempotency_key=world.key())
    world.gateway.products.archive(price.product_id, idempotency_key=world.key())

    assert world.gateway.prices.get(price.id).is_active is False
    assert world.gateway.products.get(price.product_id).is_active is False
    with pytest.raises(InvalidRequest, match="inactive"):
        world.subscription(price)
    world.wait(days=31)
    assert world.gateway.subscriptions.get(subscription.id).status is SubscriptionStatus.ACTIVE


def test_a_product_under_our_own_id_is_made_once(world):
    world.gateway.products.create(name="Hall", metadata={}, product_id="plan_hall", idempotency_key=world.key())

    with pytest.raises(InvalidRequest) as failure:
        world.gateway.products.create(name="Hall", metadata={}, product_id="plan_hall", idempotency_key=world.key())

    assert failure.value.code == "resource_already_exists"


def test_lists_are_read_to_their_end(world):
    made = [
        world.gateway.products.create(name=f"P{number}", metadata={}, idempotency_key=world.key()).id for number in range(205)
    ]

    found = [each.id for each in world.gateway.products.all()]

    assert found == made[::-1]


def test_an_invoice_with_many_lines_has_all_of_them(world):
    customer = world.customer()
    draft = world.gateway.invoices.create_draft(
        customer_id=customer.id, currency="USD", days_until_due=30, metadata={}, idempotency_key=world.key()
    )
    for number in range(25):
        world.gateway.invoices.add_line(
            draft.id, customer_id=customer.id, amount=usd(number), description=f"Line {number}", idempotency_key=world.key()
        )

    final = world.gateway.invoices.finalize(draft.id, idempotency_key=world.key())

    assert [line.description for line in final.lines] == [f"Line {number}" for number in range(25)]
    assert final.total == usd(sum(range(25)))


def test_an_invoice_by_hand_is_due_in_30_days_and_marked_paid(world):
    customer = world.customer()
    draft = world.gateway.invoices.create_draft(
        customer_id=customer.id,
        currency="EUR",
        days_until_due=30,
        metadata={"po": "7"},
        purchase_order="PO-7",
        idempotency_key=world.key(),
    )
    world.gateway.invoices.add_line(
        draft.id, customer_id=customer.id, amount=Money(500_000, "EUR"), description="A year", idempotency_key=world.key()
    )

    final = world.gateway.invoices.finalize(draft.id, idempotency_key=world.key())
    paid = world.gateway.invoices.mark_paid_out_of_band(final.id, idempotency_key=world.key())

    assert (final.status, final.collection, final.due_at) == (
        InvoiceStatus.OPEN,
        Collection.BY_CUSTOMER,
        BEGUN + timedelta(days=30),
    )
    assert final.number
    assert final.hosted_url
    assert final.pdf_url
    assert (paid.status, paid.amount_paid, paid.amount_remaining) == (
        InvoiceStatus.PAID,
        Money(500_000, "EUR"),
        Money(0, "EUR"),
    )
    assert world.gateway.payments.charges(customer_id=customer.id) == []


def test_a_final_invoice_can_be_voided_or_given_up_but_not_deleted(world):
    customer = world.customer()
    ids = []
    for _ in range(2):
        draft = world.gateway.invoices.create_draft(
            customer_id=customer.id, currency="USD", days_until_due=1, metadata={}, idempotency_key=world.key()
        )
        world.gateway.invoices.add_line(
            draft.id, customer_id=customer.id, amount=usd(100), description="x", idempotency_key=world.key()
        )
        ids.append(world.gateway.invoices.finalize(draft.id, idempotency_key=world.key()).id)

    voided = world.gateway.invoices.void(ids[0], idempotency_key=world.key())
    given_up = world.gateway.invoices.mark_uncollectible(ids[1], idempotency_key=world.key())

    assert (voided.status, given_up.status) == (InvoiceStatus.VOID, InvoiceStatus.UNCOLLECTIBLE)
    with pytest.raises(InvalidRequest):
        world.gateway.invoices.delete_draft(ids[1], idempotency_key=world.key())
    with pytest.raises(InvalidRequest):
        world.gateway.invoices.pay(ids[0], idempotency_key=world.key())


def test_a_credit_note_lowers_what_is_open(world):
    customer = world.customer()
    draft = world.gateway.invoices.create_draft(
        customer_id=customer.id, currency="USD", days_until_due=30, metadata={}, idempotency_key=world.key()
    )
    world.gateway.invoices.add_line(
        draft.id, customer_id=customer.id, amount=usd(1000), description="x", idempotency_key=world.key()
    )
    world.gateway.invoices.finalize(draft.id, idempotency_key=world.key())

    note = world.gateway.credit_notes.create(
        invoice_id=draft.id, amount=usd(400), reason=CreditNoteReason.ORDER_CHANGE, idempotency_key=world.key()
    )
    lowered = world.gateway.invoices.get(draft.id)
    voided = world.gateway.credit_notes.void(note.id, idempotency_key=world.key())

    assert (note.before_payment, note.after_payment, note.status) == (usd(400), usd(0), CreditNoteStatus.ISSUED)
    assert (lowered.total, lowered.amount_remaining, lowered.credited_before_payment) == (usd(1000), usd(600), usd(400))
    assert voided.status is CreditNoteStatus.VOID
    assert world.gateway.invoices.get(draft.id).amount_remaining == usd(1000)


@pytest.mark.parametrize("way", list(GiveBack))
def test_a_credit_note_of_a_paid_invoice_gives_back_as_it_says(world, way):
    subscription = world.subscription(world.price(1000))

    note = world.gateway.credit_notes.create(
        invoice_id=subscription.latest_invoice_id, amount=usd(300), give_back=way, idempotency_key=world.key()
    )

    assert (note.before_payment, note.after_payment) == (usd(0), usd(300))
    [charge] = world.gateway.payments.charges(customer_id=subscription.customer_id)
    assert charge.refunded == (usd(300) if way is GiveBack.TO_THE_CARD else usd(0))
    credit = world.gateway.customers.get(subscription.customer_id).credit
    assert credit == (usd(300) if way is GiveBack.AS_CREDIT else usd(0))
    with pytest.raises(InvalidRequest):
        world.gateway.credit_notes.create(
            invoice_id=subscription.latest_invoice_id, amount=usd(701), give_back=way, idempotency_key=world.key()
        )


def test_a_promotion_code_is_found_by_what_somebody_typed_until_it_is_switched_off(world):
    discounts = world.gateway.discounts
    coupon = discounts.create_coupon(name="10 off", duration=Duration.ONCE, amount_off=usd(1000), idempotency_key=world.key())
    code = discounts.create_code(coupon_id=coupon.id, code="SPRING", max_redemptions=1, idempotency_key=world.key())
    found = discounts.find_code("spring")

    subscription = world.subscription(world.price(2500), promotion_code_id=code.id)
    discounts.deactivate_code(code.id, idempotency_key=world.key())

    assert found == code
    assert discounts.find_code("spring") is None
    invoice = world.gateway.invoices.get(subscription.latest_invoice_id)
    assert (invoice.subtotal, invoice.discount, invoice.total) == (usd(2500), usd(1000), usd(1500))
    assert discounts.get_coupon(coupon.id).times_redeemed == 1


def test_tax_is_on_top_where_it_is_due_and_reversed_for_a_business_abroad(world):
    price = world.price(1000)
    here = world.customer(address=Address(country="GB"))
    abroad = world.customer(address=Address(country="DE"), tax_ids=[("eu_vat", "DE123456789")])

    invoices = [
        world.gateway.invoices.get(world.subscription(price, customer_id=each.id, with_tax=True).latest_invoice_id)
        for each in (here, abroad)
    ]

    assert [(invoice.tax, invoice.total) for invoice in invoices] == [(usd(200), usd(1200)), (usd(0), usd(1000))]


def test_cancelling_at_once_can_give_back_the_rest(world):
    subscription = world.subscription(world.price(1000))
    world.wait(days=15)

    gone = world.gateway.subscriptions.cancel_now(subscription.id, gives_back_rest=True, idempotency_key=world.key())

    assert gone.status is SubscriptionStatus.CANCELED
    assert world.gateway.customers.get(subscription.customer_id).credit == usd(500)
    with pytest.raises(NoSuchObject):
        world.gateway.subscriptions.cancel_now(subscription.id, idempotency_key=world.key())


def test_a_preview_changes_nothing_and_uses_up_nothing(world):
    subscription = world.subscription(world.price(1000))
    before = [dict(each) for each in world.local.events()]
    ids = world.local.store.made

    world.gateway.subscriptions.preview(
        customer_id=subscription.customer_id,
        subscription_id=subscription.id,
        changes=[ItemChange(item_id=subscription.items[0].id, quantity=9)],
    )

    assert world.local.events() == before
    assert world.gateway.subscriptions.get(subscription.id) == subscription
    # The questions themselves have ids, and nothing else.
    assert world.local.store.made == ids + 2


def test_a_new_subscription_can_be_previewed_with_a_code(world):
    coupon = world.gateway.discounts.create_coupon(
        name="Half", duration=Duration.ONCE, off_basis_points=5000, idempotency_key=world.key()
    )
    code = world.gateway.discounts.create_code(coupon_id=coupon.id, code="HALF", idempotency_key=world.key())
    customer = world.customer()

    shown = world.gateway.subscriptions.preview(
        customer_id=customer.id,
        changes=[ItemChange(price_id=world.price(999).id, quantity=1)],
        promotion_code_id=code.id,
    )

    assert (shown.subtotal, shown.discount, shown.total) == (usd(999), usd(500), usd(499))
    assert world.gateway.discounts.get_coupon(coupon.id).times_redeemed == 0


def test_cards_are_kept_made_the_default_and_taken_away(world):
    customer = world.customer()
    first = world.card(customer.id, "pm_card_visa")
    second = world.card(customer.id, "pm_card_mastercard")

    world.gateway.payments.detach(second, idempotency_key=world.key())

    assert [(method.id, method.brand, method.last4) for method in world.gateway.payments.methods(customer.id)] == [
        (first, "visa", "4242")
    ]
    assert world.gateway.customers.get(customer.id).default_payment_method_id == ""


def test_events_are_listed_from_a_moment_on_the_oldest_first(world):
    world.customer()
    world.wait(days=1)
    second = world.customer()

    found = world.gateway.events.since(BEGUN + timedelta(hours=1))

    assert [(event.type, event.object_id) for event in found] == [("customer.created", second.id)]
    assert world.gateway.events.get(found[0].id) == found[0]


def test_an_update_tells_what_was_before(world):
    customer = world.customer()
    world.gateway.customers.update(customer.id, name="Other", idempotency_key=world.key())

    event = world.gateway.events.since(BEGUN, types=["customer.updated"])[0]

    assert dict(event.previous) == {"name": "Ada Ltd"}
    assert event.object["name"] == "Other"


def test_secrets_of_intents_are_not_in_their_words(world):
    intent = world.gateway.payments.create_setup_intent(
        customer_id=world.customer().id, metadata={}, idempotency_key=world.key()
    )

    assert "_secret_" in intent.client_secret
    assert intent.client_secret not in repr(intent)


def test_what_comes_back_cannot_be_changed(world):
    customer = world.customer()

    with pytest.raises(dataclasses.FrozenInstanceError):
        customer.name = "x"
    with pytest.raises(TypeError):
        customer.metadata["tenant"] = "t2"


def test_a_percentage_keeps_its_two_decimals(world):
    coupon = world.gateway.discounts.create_coupon(
        name="A third", duration=Duration.ONCE, off_basis_points=3333, idempotency_key=world.key()
    )

    assert coupon.off_basis_points == 3333
    assert Decimal(coupon.off_basis_points) / 100 == Decimal("33.33")
