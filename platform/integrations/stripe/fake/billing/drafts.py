"""Invoices on the way to being final: their lines, and their sums as Stripe writes them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from integrations.stripe.fake.refusals import Obj
from integrations.stripe.fake.resources.catalogue import unit_price
from integrations.stripe.fake.resources.discounts import working
from integrations.stripe.fake.unit import Unit

# A tax like Stripe Tax's for a few countries: enough to see VAT on an invoice, and the reverse charge.
_TAX_PERCENT: Final = {"GB": 20, "DE": 19, "FR": 20, "ES": 21, "IE": 23, "NL": 21}
_HUNDRED: Final = Decimal(100)


def rounded(amount: Decimal) -> int:
    """To the smallest unit; a half goes away from zero."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def new_invoice(unit: Unit, customer_id: str, *, currency: str, reason: str, **fields: Any) -> Obj:  # Any: members
    """A draft without lines."""
    customer = unit.get("customer", customer_id)
    now = unit.now(customer_id)
    made = unit.new(
        "invoice",
        "in",
        customer=customer_id,
        currency=currency,
        billing_reason=reason,
        status="draft",
        amount_overpaid=0,
        amount_paid=0,
        amount_shipping=0,
        attempt_count=0,
        attempted=False,
        auto_advance=True,
        automatic_tax={"enabled": False, "disabled_reason": None, "liability": None, "provider": None, "status": None},
        collection_method="charge_automatically",
        customer_name=customer["name"],
        customer_email=customer["email"],
        customer_address=customer["address"],
        customer_phone=customer["phone"],
        customer_tax_exempt=customer["tax_exempt"],
        customer_tax_ids=[{"type": each["type"], "value": each["value"]} for each in unit.all("tax_id", customer_id)],
        account_country="GB",
        account_name="Local Stripe",
        issuer={"type": "self", "account": None},
        payment_settings={"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        period_start=now,
        period_end=now,
        post_payment_credit_notes_amount=0,
        pre_payment_credit_notes_amount=0,
        status_transitions={"finalized_at": None, "marked_uncollectible_at": None, "paid_at": None, "voided_at": None},
        test_clock=customer["test_clock"],
        _clock=customer["test_clock"] or "",
    )
    made["lines"] = {"object": "list", "data": [], "has_more": False, "url": f"/v1/invoices/{made['id']}/lines"}
    made |= fields
    recount(unit, made)
    return made


def add_line(
    unit: Unit,
    invoice: Obj,
    *,
    amount: int,
    description: str,
    period: tuple[int, int],
    quantity: int | None = 1,
    price: Obj | None = None,
    parent: Obj | None = None,
    is_discountable: bool = True,
    metadata: Obj | None = None,
) -> Obj:
    """Put a line onto a draft; `recount` afterwards."""
    subscription = next((part["subscription"] for part in (parent or {}).values() if isinstance(part, dict)), None)
    line = unit.new(
        "line_item",
        "il",
        amount=amount,
        subtotal=amount,
        currency=invoice["currency"],
        description=description,
        discount_amounts=[],
        discountable=is_discountable,
        invoice=invoice["id"],
        metadata=metadata or {},
        parent=parent,
        period={"start": period[0], "end": period[1]},
        pricing=_pricing(price) if price else None,
        quantity=quantity,
        quantity_decimal=None if quantity is None else str(quantity),
        subscription=subscription,
        taxes=[],
    )
    # It lives in its invoice, and nowhere else.
    unit.forget("line_item", line["id"])
    invoice["lines"]["data"].append(line)
    return line


def _pricing(price: Obj) -> Obj:
    details = {"price": price["id"], "product": price["product"]}
    return {"type": "price_details", "price_details": details, "unit_amount_decimal": price["unit_amount_decimal"]}


def of_subscription_item(item: Obj, *, is_proration: bool = False) -> Obj:
    """The `parent` of a line that an item of a subscription caused."""
    details = {
        "invoice_item": None,
        "proration": is_proration,
        "proration_details": {"credited_items": None} if is_proration else None,
        "subscription": item["subscription"],
        "subscription_item": item["id"],
    }
    return {"type": "subscription_item_details", "subscription_item_details": details, "invoice_item_details": None}


def of_invoice_item(item: Obj) -> Obj:
    """The `parent` of a line that was an invoice item."""
    details = {
        "invoice_item": item["id"],
        "proration": item["proration"],
        "proration_details": {"credited_items": None} if item["proration"] else None,
        "subscription": item["_subscription"],
    }
    return {"type": "invoice_item_details", "invoice_item_details": details, "subscription_item_details": None}


def price_of(price: Obj, quantity: int) -> int:
    """What so many units cost for a whole period."""
    return rounded(unit_price(price) * quantity)


def recount(unit: Unit, invoice: Obj) -> None:
    """All sums of a draft, from its lines, discounts, tax, and what the customer has to their credit."""
    lines = invoice["lines"]["data"]
    for line in lines:
        line["discount_amounts"], line["taxes"] = [], []
    off = _take_off(unit, invoice, lines)
    tax = _tax(unit, invoice, lines)
    subtotal = sum(line["amount"] for line in lines)
    total = subtotal - sum(off.values()) + tax
    balance = int(unit.get("customer", invoice["customer"])["balance"])
    invoice |= {
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "total_discount_amounts": [{"discount": name, "amount": amount} for name, amount in off.items()],
        "total_excluding_tax": subtotal - sum(off.values()),
        "total": total,
        "starting_balance": balance,
        "amount_due": 0 if total < 0 else max(0, total + balance),
    }
    invoice["amount_remaining"] = invoice["amount_due"]


def balance_afterwards(invoice: Obj) -> int:
    """What the customer's balance is once the invoice is final."""
    return int(invoice["total"] + invoice["starting_balance"] - invoice["amount_due"])


def _take_off(unit: Unit, invoice: Obj, lines: list[Obj]) -> dict[str, int]:
    off: dict[str, int] = {}
    open_lines = [line for line in lines if line["discountable"]]
    for discount, coupon in working(unit, invoice["discounts"], invoice["created"]):
        left = [max(0, _after_discounts(line)) for line in open_lines]
        parts = _parts(coupon, left)
        for line, part in zip(open_lines, parts, strict=True):
            if part:
                line["discount_amounts"].append({"discount": discount["id"], "amount": part})
        off[discount["id"]] = sum(parts)
    return off


def _parts(coupon: Obj, left: list[int]) -> list[int]:
    """What a coupon takes off each line."""
    if coupon["percent_off"] is not None:
        share = Decimal(str(coupon["percent_off"])) / _HUNDRED
        return [rounded(amount * share) for amount in left]
    return allocated(min(coupon["amount_off"], sum(left)), left)


def allocated(amount: int, weights: list[int]) -> list[int]:
    """`amount` by weights, to the unit: what is left over goes to the largest rests."""
    total = sum(weights)
    if not total:
        return [0 for _ in weights]
    shares = [divmod(amount * weight, total) for weight in weights]
    parts = [whole for whole, _rest in shares]
    by_rest = sorted(range(len(shares)), key=lambda place: -shares[place][1])
    for place in by_rest[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def _after_discounts(line: Obj) -> int:
    return int(line["amount"] - sum(each["amount"] for each in line["discount_amounts"]))


def _tax(unit: Unit, invoice: Obj, lines: list[Obj]) -> int:
    if not invoice["automatic_tax"]["enabled"]:
        invoice["total_taxes"] = []
        return 0
    customer = unit.get("customer", invoice["customer"])
    percent, reason = _rate(unit, customer)
    for line in lines:
        taxable = _after_discounts(line)
        amount = rounded(taxable * Decimal(percent) / _HUNDRED)
        line["taxes"] = [_tax_part(amount, taxable, reason, percent)]
    total = sum(int(line["taxes"][0]["amount"]) for line in lines)
    taxable = sum(_after_discounts(line) for line in lines)
    invoice["total_taxes"] = [_tax_part(total, taxable, reason, percent)]
    invoice["automatic_tax"] |= {"status": "complete", "provider": "stripe", "liability": {"type": "self", "account": None}}
    return total


def _rate(unit: Unit, customer: Obj) -> tuple[int, str]:
    country = (customer["address"] or {}).get("country") or ""
    numbers = {each["type"] for each in unit.all("tax_id", customer["id"])}
    if customer["tax_exempt"] == "exempt":
        return 0, "customer_exempt"
    if country != "GB" and "eu_vat" in numbers:
        return 0, "reverse_charge"
    percent = _TAX_PERCENT.get(country, 0)
    return percent, "standard_rated" if percent else "not_collecting"


def _tax_part(amount: int, taxable: int, reason: str, percent: int) -> Obj:
    return {
        "amount": amount,
        "tax_behavior": "exclusive",
        "tax_rate_details": {"tax_rate": f"txr_local_{percent}"},
        "taxability_reason": reason,
        "taxable_amount": taxable,
        "type": "tax_rate_details",
    }
