"""What an invoice is to us: frozen, in our money, with its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import stripe

from integrations.stripe.gateway.reading import id_of, instant, instant_or_none, metadata_of, money, state
from kernel.money import Money

# What Stripe calls an invoice that is only shown.
_PREVIEW: Final = "upcoming_in"


class InvoiceStatus(StrEnum):
    """Where an invoice stands."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    UNCOLLECTIBLE = "uncollectible"
    VOID = "void"


class Collection(StrEnum):
    """How it is to be paid: from the card by Stripe, or by the customer when it was sent."""

    AUTOMATIC = "charge_automatically"
    BY_CUSTOMER = "send_invoice"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line; `amount` is without tax, and before what a coupon takes off (`discount`)."""

    id: str
    description: str
    amount: Money
    discount: Money
    tax: Money
    quantity: int | None
    price_id: str
    product_id: str
    subscription_item_id: str
    is_proration: bool
    period_start: datetime
    period_end: datetime
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice. `total` = lines - discounts + tax; `amount_due` = what of it was to be paid after the customer's credit.

    An invoice of credits has a negative `total` and nothing due. `number` is empty while it is a draft. A preview has no id.
    """

    id: str
    number: str
    status: InvoiceStatus
    reason: str
    collection: Collection
    customer_id: str
    subscription_id: str
    currency: str
    subtotal: Money
    discount: Money
    tax: Money
    total: Money
    amount_due: Money
    amount_paid: Money
    amount_remaining: Money
    credited_before_payment: Money
    credited_after_payment: Money
    credit_before: Money
    credit_after: Money | None
    lines: tuple[InvoiceLine, ...]
    attempt_count: int
    next_attempt_at: datetime | None
    created_at: datetime
    due_at: datetime | None
    finalized_at: datetime | None
    paid_at: datetime | None
    voided_at: datetime | None
    period_start: datetime
    period_end: datetime
    payment_intent_id: str
    hosted_url: str
    pdf_url: str
    description: str
    metadata: Mapping[str, str]


def read_invoice(made: stripe.Invoice, lines: Sequence[stripe.InvoiceLineItem]) -> Invoice:
    """`made` as ours, with `lines` for its lines: the library's own list ends after the tenth."""
    currency = made.currency
    moments = made.status_transitions
    details = made.parent and made.parent.subscription_details
    ending = made.ending_balance
    return Invoice(
        id="" if made.id.startswith(_PREVIEW) else made.id,
        number=made.number or "",
        status=state(InvoiceStatus, made.status),
        reason=made.billing_reason or "",
        collection=state(Collection, made.collection_method),
        customer_id=id_of(made.customer),
        subscription_id=id_of(details and details.subscription),
        currency=currency.upper(),
        subtotal=money(made.subtotal, currency),
        discount=money(sum(each.amount for each in made.total_discount_amounts or ()), currency),
        tax=money(sum(each.amount for each in made.total_taxes or ()), currency),
        total=money(made.total, currency),
        amount_due=money(made.amount_due, currency),
        amount_paid=money(made.amount_paid, currency),
        amount_remaining=money(made.amount_remaining, currency),
        credited_before_payment=money(made.pre_payment_credit_notes_amount, currency),
        credited_after_payment=money(made.post_payment_credit_notes_amount, currency),
        credit_before=-money(made.starting_balance, currency),
        credit_after=None if ending is None else -money(ending, currency),
        lines=tuple(_line(each) for each in lines),
        attempt_count=made.attempt_count,
        next_attempt_at=instant_or_none(made.next_payment_attempt),
        created_at=instant(made.created),
        due_at=instant_or_none(made.due_date),
        finalized_at=instant_or_none(moments.finalized_at),
        paid_at=instant_or_none(moments.paid_at),
        voided_at=instant_or_none(moments.voided_at),
        period_start=instant(made.period_start),
        period_end=instant(made.period_end),
        payment_intent_id=_payment_intent_id(made),
        hosted_url=made.hosted_invoice_url or "",
        pdf_url=made.invoice_pdf or "",
        description=made.description or "",
        metadata=metadata_of(made),
    )


def _payment_intent_id(made: stripe.Invoice) -> str:
    """That of the payment which stands for the invoice; Stripe tells it only where the payments were asked for."""
    payments: stripe.ListObject[stripe.InvoicePayment] | None = getattr(made, "payments", None)
    for each in payments.data if payments else ():
        if each.is_default and each.payment.type == "payment_intent":
            return id_of(each.payment.payment_intent)
    return ""


def _line(made: stripe.InvoiceLineItem) -> InvoiceLine:
    currency = made.currency
    prices = made.pricing and made.pricing.price_details
    item = made.parent and made.parent.subscription_item_details
    by_hand = made.parent and made.parent.invoice_item_details
    return InvoiceLine(
        id=made.id,
        description=made.description or "",
        amount=money(made.amount, currency),
        discount=money(sum(each.amount for each in made.discount_amounts or ()), currency),
        tax=money(sum(each.amount for each in made.taxes or ()), currency),
        quantity=made.quantity,
        price_id=id_of(prices and prices.price),
        product_id=prices.product if prices else "",
        subscription_item_id=item.subscription_item if item else "",
        is_proration=bool((item and item.proration) or (by_hand and by_hand.proration)),
        period_start=instant(made.period.start),
        period_end=instant(made.period.end),
        metadata=metadata_of(made),
    )
