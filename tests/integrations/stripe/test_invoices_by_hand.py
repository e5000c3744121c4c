"""Invoices that a person writes: units and rates of tax, sent, paid by bank, voided, credited."""

from __future__ import annotations

import pytest

from integrations.stripe.errors import InvalidRequest
from integrations.stripe.gateway.credit_notes import GiveBack
from integrations.stripe.gateway.customers import TaxExempt
from integrations.stripe.gateway.invoice import InvoiceStatus
from kernel.money import Money


def written(world, amount: Money, *, quantity: int = 1, basis_points: int = 0, **customer):
    gateway = world.gateway
    who = gateway.customers.create(
        name="Acme", email="acme@example.test", metadata={}, idempotency_key=world.key(), **customer
    )  # fmt: skip
    draft = gateway.invoices.create_draft(
        customer_id=who.id, currency=amount.currency, days_until_due=30, purchase_order="PO-7",
        metadata={"mark": "x"}, idempotency_key=world.key(),
    )  # fmt: skip
    rate = gateway.tax_rates.create(name="VAT", basis_points=basis_points, idempotency_key=world.key()) if basis_points else ""
    gateway.invoices.add_units(
        draft.id, customer_id=who.id, unit_amount=amount, quantity=quantity, description="Days",
        tax_rate_id=rate, idempotency_key=world.key(),
    )  # fmt: skip
    return gateway.invoices.finalize(draft.id, idempotency_key=world.key())


@pytest.mark.parametrize(
    ("amount", "quantity", "basis_points", "subtotal", "tax"),
    [
        (Money(1250, "EUR"), 3, 1900, 3750, 713),
        (Money(1250, "JPY"), 3, 1000, 3750, 375),
        (Money(12_500, "KWD"), 3, 500, 37_500, 1875),
    ],
)
def test_units_are_multiplied_and_taxed_in_the_currencys_own_units(world, amount, quantity, basis_points, subtotal, tax):
    made = written(world, amount, quantity=quantity, basis_points=basis_points)

    currency = amount.currency
    assert (made.subtotal, made.tax, made.total) == tuple(Money(each, currency) for each in (subtotal, tax, subtotal + tax))
    assert made.purchase_order == "PO-7"


@pytest.mark.parametrize("status", [TaxExempt.EXEMPT, TaxExempt.REVERSE])
def test_who_is_exempt_or_charges_themselves_pays_no_tax_here(world, status):
    made = written(world, Money(1000, "EUR"), basis_points=1900, tax_exempt=status)

    assert (made.tax.amount_minor, made.total.amount_minor) == (0, 1000)


def test_a_rate_is_found_again_by_its_name_and_its_points(world):
    made = world.gateway.tax_rates.create(name="VAT", basis_points=750, idempotency_key=world.key())

    assert world.gateway.tax_rates.find(name="VAT", basis_points=750) == made
    assert world.gateway.tax_rates.find(name="VAT", basis_points=700) == ""
    assert world.gateway.tax_rates.find(name="MwSt", basis_points=750) == ""


def test_sending_tells_of_it_and_changes_nothing_that_is_owed(world):
    made = written(world, Money(1000, "EUR"))

    sent = world.gateway.invoices.send(made.id, idempotency_key=world.key())

    assert (sent.status, sent.amount_remaining) == (InvoiceStatus.OPEN, Money(1000, "EUR"))
    assert "invoice.sent" in [event["type"] for event in world.local.events()]


def test_what_is_written_onto_a_paid_invoice_stays_beside_what_was_there(world):
    made = written(world, Money(1000, "EUR"))
    world.gateway.invoices.mark_paid_out_of_band(made.id, idempotency_key=world.key())

    noted = world.gateway.invoices.annotate(made.id, metadata={"reference": "SEPA 12"}, idempotency_key=world.key())

    assert dict(noted.metadata) == {"mark": "x", "reference": "SEPA 12"}
    with pytest.raises(InvalidRequest):
        world.gateway.invoices.void(made.id, idempotency_key=world.key())


def test_what_was_paid_by_bank_is_given_back_by_bank(world):
    made = written(world, Money(1000, "EUR"))
    world.gateway.invoices.mark_paid_out_of_band(made.id, idempotency_key=world.key())

    note = world.gateway.credit_notes.create(
        invoice_id=made.id, amount=Money(400, "EUR"), give_back=GiveBack.OUTSIDE_OF_STRIPE, idempotency_key=world.key()
    )

    assert (note.before_payment, note.after_payment) == (Money(0, "EUR"), Money(400, "EUR"))
    assert world.gateway.invoices.get(made.id).credited_after_payment == Money(400, "EUR")
