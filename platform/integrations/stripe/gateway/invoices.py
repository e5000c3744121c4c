"""Invoices as Stripe keeps them: read, moved on by hand, and written by hand for customers who pay by bank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import stripe

from integrations.stripe.amounts import to_stripe
from integrations.stripe.asking import ask
from integrations.stripe.gateway.customers import Address, TaxExempt
from integrations.stripe.gateway.door import Door
from integrations.stripe.gateway.invoice import PURCHASE_ORDER, Invoice, InvoiceStatus, read_invoice
from integrations.stripe.gateway.reading import given, seconds
from kernel.money import Money


@dataclass(frozen=True, slots=True)
class Payer:
    """By what Stripe Tax finds the tax of somebody: where they are, whether they are exempt, and their tax numbers."""

    address: Address
    tax_exempt: TaxExempt
    tax_ids: Sequence[tuple[str, str]]

    def as_params(self) -> dict[str, object]:
        """For Stripe."""
        numbers = [{"type": kind, "value": value} for kind, value in self.tax_ids]
        return {"address": self.address.as_params(), "tax_exempt": self.tax_exempt.value, "tax_ids": numbers}


class Invoices:
    """Commands and questions about invoices. All commands give back the invoice as it is afterwards."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def get(self, invoice_id: str) -> Invoice:
        """The invoice with all its lines, or `NoSuchObject`."""

        def whole() -> stripe.Invoice:
            return self._door.v1.invoices.retrieve(invoice_id, {"expand": ["payments"]}, self._door.reading())

        return self._read(ask(whole))

    def all(
        self,
        *,
        customer_id: str = "",
        subscription_id: str = "",
        status: InvoiceStatus | None = None,
        created_from: datetime | None = None,
    ) -> list[Invoice]:
        """The invoices that fit, the newest first, each with all its lines."""
        params = given(
            limit=100,
            customer=customer_id or None,
            subscription=subscription_id or None,
            status=status.value if status else None,
            created=None if created_from is None else {"gte": seconds(created_from)},
            expand=["data.payments"],
        )

        def all_of_them() -> list[stripe.Invoice]:
            return list(self._door.v1.invoices.list(params, self._door.reading()).auto_paging_iter())

        return [self._read(each) for each in ask(all_of_them)]

    def create_draft(
        self,
        *,
        customer_id: str,
        currency: str,
        days_until_due: int,
        metadata: Mapping[str, str],
        idempotency_key: str,
        description: str = "",
        footer: str = "",
        purchase_order: str = "",
        with_tax: bool = False,
    ) -> Invoice:
        """An empty invoice to be paid by bank within so many days: add lines, finalize it, then send it.

        `with_tax` lets Stripe Tax find the tax of its lines.
        """
        params = given(
            customer=customer_id,
            currency=currency.lower(),
            collection_method="send_invoice",
            days_until_due=days_until_due,
            auto_advance=False,
            pending_invoice_items_behavior="exclude",
            description=description or None,
            footer=footer or None,
            custom_fields=[{"name": PURCHASE_ORDER, "value": purchase_order}] if purchase_order else None,
            automatic_tax={"enabled": True} if with_tax else None,
            metadata=dict(metadata),
        )
        options = self._door.command(idempotency_key)
        return self._read(ask(lambda: self._door.v1.invoices.create(params, options)))

    def add_line(
        self,
        invoice_id: str,
        *,
        customer_id: str,
        amount: Money,
        description: str,
        idempotency_key: str,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Put a line onto a draft; gives back the item's id."""
        charged, currency = to_stripe(amount)
        params = given(
            customer=customer_id,
            invoice=invoice_id,
            amount=charged,
            currency=currency,
            description=description,
            metadata=None if metadata is None else dict(metadata),
        )
        options = self._door.command(idempotency_key)
        return ask(lambda: self._door.v1.invoice_items.create(params, options)).id

    def add_units(
        self,
        invoice_id: str,
        *,
        customer_id: str,
        unit_amount: Money,
        quantity: int,
        description: str,
        idempotency_key: str,
        tax_rate_id: str = "",
    ) -> str:
        """Put so many of something onto a draft, each at `unit_amount`; gives back the item's id."""
        charged, currency = to_stripe(unit_amount)
        params = given(
            customer=customer_id,
            invoice=invoice_id,
            unit_amount_decimal=Decimal(charged),
            quantity=quantity,
            currency=currency,
            description=description,
            tax_rates=[tax_rate_id] if tax_rate_id else None,
        )
        options = self._door.command(idempotency_key)
        return ask(lambda: self._door.v1.invoice_items.create(params, options)).id

    def preview_units(
        self, units: Sequence[tuple[Money, int, str]], *, customer_id: str, payer: Payer, currency: str
    ) -> Invoice:
        """What an invoice of these (price of one, how many, what for) would come to with the tax that Stripe Tax finds.

        Nothing is written. `payer` is asked about where there is no customer yet.
        """
        items = [
            {
                "unit_amount_decimal": str(to_stripe(unit)[0]),
                "currency": currency.lower(),
                "quantity": many,
                "description": text,
            }
            for unit, many, text in units
        ]
        params = given(
            customer=customer_id or None,
            customer_details=None if customer_id else payer.as_params(),
            currency=currency.lower(),
            automatic_tax={"enabled": True},
            invoice_items=items,
        )
        made = ask(lambda: self._door.v1.invoices.create_preview(params, self._door.reading()))
        return read_invoice(made, made.lines.data)

    def delete_draft(self, invoice_id: str, *, idempotency_key: str) -> None:
        """Throw a draft away; `InvalidRequest` once it is final."""
        options = self._door.command(idempotency_key)
        ask(lambda: self._door.v1.invoices.delete(invoice_id, None, options))

    def finalize(self, invoice_id: str, *, idempotency_key: str) -> Invoice:
        """Give the draft its number: from now on it can't be changed, only paid, voided or credited."""
        params: stripe.params.InvoiceFinalizeInvoiceParams = {"auto_advance": False}
        options = self._door.command(idempotency_key)
        return self._read(ask(lambda: self._door.v1.invoices.finalize_invoice(invoice_id, params, options)))

    def send(self, invoice_id: str, *, idempotency_key: str) -> Invoice:
        """Let Stripe mail it to who pays, with its hosted page and its PDF. In test mode Stripe sends nothing."""
        options = self._door.command(idempotency_key)
        return self._read(ask(lambda: self._door.v1.invoices.send_invoice(invoice_id, None, options)))

    def annotate(self, invoice_id: str, *, metadata: Mapping[str, str], idempotency_key: str) -> Invoice:
        """Write something of ours onto it, whatever its state; an empty value takes one away."""
        params = given(metadata=dict(metadata))
        options = self._door.command(idempotency_key)
        return self._read(ask(lambda: self._door.v1.invoices.update(invoice_id, params, options)))

    def pay(self, invoice_id: str, *, idempotency_key: str, payment_method_id: str = "") -> Invoice:
        """Try to collect it now, from that card or the customer's own.

        Raises:
            CardDeclined: the bank said no; the invoice stays open.
            AuthenticationNeeded: the bank wants to see the owner; the invoice's `hosted_url` lets them.
        """
        params = given(payment_method=payment_method_id or None)
        options = self._door.command(idempotency_key)
        return self._read(ask(lambda: self._door.v1.invoices.pay(invoice_id, params, options)))

    def mark_paid_out_of_band(self, invoice_id: str, *, idempotency_key: str) -> Invoice:
        """It was paid some other way, by bank transfer: no money moves at Stripe."""
        options = self._door.command(idempotency_key)
        return self._read(ask(lambda: self._door.v1.invoices.pay(invoice_id, {"paid_out_of_band": True}, options)))

    def void(self, invoice_id: str, *, idempotency_key: str) -> Invoice:
        """It was never owed: the number stays, the amount is nothing."""
        options = self._door.command(idempotency_key)
        return self._read(ask(lambda: self._door.v1.invoices.void_invoice(invoice_id, None, options)))

    def mark_uncollectible(self, invoice_id: str, *, idempotency_key: str) -> Invoice:
        """It is owed, and nobody expects it any more. It may still be paid."""
        options = self._door.command(idempotency_key)
        return self._read(ask(lambda: self._door.v1.invoices.mark_uncollectible(invoice_id, None, options)))

    def _read(self, made: stripe.Invoice) -> Invoice:
        lines = made.lines.data
        if made.lines.has_more:
            service = self._door.v1.invoices.line_items
            lines = ask(lambda: list(service.list(made.id, {"limit": 100}, self._door.reading()).auto_paging_iter()))
        return read_invoice(made, lines)
