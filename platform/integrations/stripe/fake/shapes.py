"""Empty objects with every field that the library's own types name, so that none is forgotten when Stripe adds one."""

from __future__ import annotations

from functools import cache
from types import NoneType
from typing import Any, Final, get_args, get_origin

import stripe

from integrations.stripe.fake.refusals import Obj

# Fields that Stripe sends only when they are asked for by `expand`, or only of a deleted object.
_ON_DEMAND: Final[dict[str, frozenset[str]]] = {
    "customer": frozenset({"sources", "subscriptions", "tax_ids", "cash_balance", "tax", "invoice_credit_balance"}),
    "price": frozenset({"tiers", "currency_options"}),
    "plan": frozenset({"tiers"}),
    "coupon": frozenset({"applies_to", "currency_options"}),
    "checkout.session": frozenset({"line_items"}),
    "invoice": frozenset({"payments", "confirmation_secret", "threshold_reason", "amount_paid_off_stripe"}),
    "charge": frozenset({"refunds", "authorization_code"}),
}
# Fields of a payment method for every kind but cards.
_OF_CARDS: Final = frozenset(
    {"card", "customer", "customer_account", "id", "object", "created", "livemode", "metadata", "type"}
)

CLASSES: Final[dict[str, type[stripe.StripeObject]]] = {
    "customer": stripe.Customer,
    "tax_id": stripe.TaxId,
    "tax_rate": stripe.TaxRate,
    "customer_balance_transaction": stripe.CustomerBalanceTransaction,
    "product": stripe.Product,
    "price": stripe.Price,
    "plan": stripe.Plan,
    "coupon": stripe.Coupon,
    "promotion_code": stripe.PromotionCode,
    "discount": stripe.Discount,
    "payment_method": stripe.PaymentMethod,
    "setup_intent": stripe.SetupIntent,
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "dispute": stripe.Dispute,
    "balance_transaction": stripe.BalanceTransaction,
    "subscription": stripe.Subscription,
    "subscription_item": stripe.SubscriptionItem,
    "invoice": stripe.Invoice,
    "line_item": stripe.InvoiceLineItem,
    "invoiceitem": stripe.InvoiceItem,
    "invoice_payment": stripe.InvoicePayment,
    "credit_note": stripe.CreditNote,
    "credit_note_line_item": stripe.CreditNoteLineItem,
    "checkout.session": stripe.checkout.Session,
    "item": stripe.LineItem,
    "billing_portal.session": stripe.billing_portal.Session,
    "billing.meter": stripe.billing.Meter,
    "billing.meter_event": stripe.billing.MeterEvent,
    "billing.meter_event_summary": stripe.billing.MeterEventSummary,
    "event": stripe.Event,
    "test_helpers.test_clock": stripe.test_helpers.TestClock,
}


def blank(kind: str) -> Obj:
    """A new object of `kind`: null where Stripe may send null, an empty list for a list; the rest is its maker's."""
    return {name: [] if value == [] else {} if value == {} else value for name, value in _template(kind)}


def _is_list(annotation: object) -> bool:
    return str(get_origin(annotation)) == str(list)


def nulls(part: type[stripe.StripeObject]) -> Obj:
    """A part of an object in which everything may be null, with null everywhere."""
    made: Obj = {}
    for name, annotation in part.__annotations__.items():
        is_part = isinstance(annotation, type) and issubclass(annotation, stripe.StripeObject)
        made[name] = nulls(annotation) if is_part else [] if _is_list(annotation) else None
    return made


@cache
def _template(kind: str) -> tuple[tuple[str, Any], ...]:  # Any: null, an empty list, or a constant
    fields: list[tuple[str, Any]] = [("object", kind)]  # Any: as above
    left_out = _ON_DEMAND.get(kind, frozenset()) | {"OBJECT_NAME", "deleted", "object"}
    for name, annotation in CLASSES[kind].__annotations__.items():
        if name in left_out or (kind == "payment_method" and name not in _OF_CARDS):
            continue
        if name == "metadata":
            fields.append((name, {}))
        elif name == "livemode":
            fields.append((name, False))
        elif NoneType in get_args(annotation):
            fields.append((name, None))
        elif _is_list(annotation):
            fields.append((name, []))
    return tuple(fields)
