"""Items of a subscription, and invoice items that wait for the next invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from integrations.stripe.fake.billing.drafts import add_line, of_invoice_item, of_subscription_item, recount
from integrations.stripe.fake.refusals import Obj, bad_param
from integrations.stripe.fake.resources.catalogue import plan_of
from integrations.stripe.fake.resources.meters import counted
from integrations.stripe.fake.unit import Unit


def new_item(unit: Unit, subscription_id: str, price: Obj, quantity: int | None, metadata: Obj) -> Obj:
    """An item of a subscription; its period is set by who begins one."""
    is_metered = price["recurring"]["usage_type"] == "metered"
    if is_metered and quantity is not None:
        raise bad_param("Quantity should not be specified where usage_type is `metered`.", "items[0][quantity]")
    made = unit.new(
        "subscription_item",
        "si",
        metadata=metadata,
        plan=plan_of(price),
        price=dict(price),
        subscription=subscription_id,
        quantity=None if is_metered else 1 if quantity is None else quantity,
        tax_rates=[],
    )
    unit.forget("subscription_item", made["id"])
    if is_metered:
        del made["quantity"]
    return made


def recurring_price(unit: Unit, price_id: str, param: str) -> Obj:
    """A price that a subscription which has another one, or none, can have: recurring and active, as its product is."""
    price = unit.get("price", price_id, param=param)
    if price["recurring"] is None:
        raise bad_param("The price specified is set to `type=one_time` but this field only accepts recurring prices.", param)
    if not price["active"]:
        raise bad_param(f"The price specified is inactive. This field only accepts active prices: {price_id}", param)
    if not unit.get("product", price["product"])["active"]:
        # Stripe's documentation, "Archive a product": it can't be added to new subscriptions; those that have it go on.
        raise bad_param(f"The product of this price is inactive: {price['product']}", param)
    return price


def same_rhythm(items: list[Obj]) -> None:
    """All items have one currency and one interval here (Stripe allows several intervals)."""
    if not items:
        raise bad_param("A subscription must have at least one item.", "items")
    if len({item["price"]["currency"] for item in items}) > 1:
        raise bad_param("All prices on a subscription must be expected to be in the same currency.", "items")
    if len({(item["price"]["recurring"]["interval"], item["price"]["recurring"]["interval_count"]) for item in items}) > 1:
        raise bad_param("The local Stripe bills all items of a subscription in one interval.", "items")


def is_metered(item: Obj) -> bool:
    """Whether a meter counts, so that it is billed afterwards."""
    return bool(item["price"]["recurring"]["usage_type"] == "metered")


def used_of(unit: Unit, subscription: Obj, item: Obj, start: int, end: int) -> Decimal:
    """What the meter of an item counted for it: from when it came, where that was within the period."""
    since = max(start, subscription.get("_came_at", {}).get(item["id"], start))
    return counted(unit, item["price"]["recurring"]["meter"], subscription["customer"], since, max(since, end))


def name_of(unit: Unit, price: Obj) -> str:
    """What the product is called on an invoice."""
    return str(unit.get("product", price["product"])["name"])


def new_invoice_item(
    unit: Unit,
    customer_id: str,
    *,
    amount: int,
    currency: str,
    description: str | None,
    period: tuple[int, int],
    **fields: Any,  # Any: the object's members
) -> Obj:
    """Something for the next invoice, or for the draft that `invoice` names."""
    now = unit.now(customer_id)
    made = unit.new(
        "invoiceitem",
        "ii",
        amount=amount,
        net_amount=amount,
        currency=currency,
        customer=customer_id,
        date=now,
        description=description,
        discountable=True,
        discounts=[],
        period={"start": period[0], "end": period[1]},
        proration=False,
        tax_rates=[],
        quantity=1,
        quantity_decimal="1",
        _subscription=None,
        _item=None,
        _price=None,
    )
    made |= fields
    unit.tell("invoiceitem.created", made)
    return made


def pull(unit: Unit, invoice: Obj, waiting: list[Obj]) -> None:
    """Make lines of invoice items that waited."""
    for item in waiting:
        item["invoice"] = invoice["id"]
        parent = of_invoice_item(item)
        if item["_item"]:
            of_item = {"id": item["_item"], "subscription": item["_subscription"]}
            parent = of_subscription_item(of_item, is_proration=bool(item["proration"]))
            parent["subscription_item_details"]["invoice_item"] = item["id"]
        add_line(
            unit,
            invoice,
            amount=item["amount"],
            description=item["description"] or "",
            period=(item["period"]["start"], item["period"]["end"]),
            quantity=item["quantity"],
            price=unit.find("price", item["_price"]) if item["_price"] else None,
            parent=parent,
            is_discountable=item["discountable"],
            metadata=dict(item["metadata"]),
        )
    recount(unit, invoice)


def waiting_items(unit: Unit, customer_id: str, subscription_id: str | None) -> list[Obj]:
    """What waits for an invoice of this subscription (or of none), the oldest first."""
    found = [
        item
        for item in unit.all("invoiceitem", customer_id)
        if item["invoice"] is None and item["_subscription"] in {None, subscription_id}
    ]
    return found[::-1]
