"""Periods of a subscription: the invoice of each, and when the next thing happens."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from integrations.stripe.fake.billing.drafts import add_line, new_invoice, of_subscription_item, price_of, recount, rounded
from integrations.stripe.fake.billing.items import is_metered, name_of, pull, used_of, waiting_items
from integrations.stripe.fake.billing.periods import period_end
from integrations.stripe.fake.refusals import Obj
from integrations.stripe.fake.resources.catalogue import unit_price
from integrations.stripe.fake.resources.discounts import working
from integrations.stripe.fake.unit import Unit

_HOUR: Final = 3600
_DAY: Final = 86_400
_TOLD_BEFORE: Final = 3 * _DAY
_RUNNING: Final = frozenset({"active", "past_due", "unpaid", "trialing"})


def set_period(subscription: Obj, start: int, end: int) -> None:
    """All items run from `start` to `end`."""
    for item in subscription["items"]["data"]:
        item |= {"current_period_start": start, "current_period_end": end}


def period_of(subscription: Obj) -> tuple[int, int]:
    """The current period."""
    item = subscription["items"]["data"][0]
    return int(item["current_period_start"]), int(item["current_period_end"])


def next_end(subscription: Obj, start: int) -> int:
    """The end of the period that begins at `start`."""
    recurring = subscription["items"]["data"][0]["price"]["recurring"]
    return period_end(subscription["billing_cycle_anchor"], start, recurring)


def plan_next(subscription: Obj) -> None:
    """When somebody has to look at the subscription again."""
    moments: list[int] = []
    if subscription["status"] in _RUNNING:
        moments.append(period_of(subscription)[1])
        if subscription["cancel_at"]:
            moments.append(subscription["cancel_at"])
    if subscription["status"] == "trialing" and not subscription["_told_of_end"]:
        moments.append(subscription["trial_end"] - _TOLD_BEFORE)
    if subscription["status"] == "incomplete" and subscription["_incomplete_until"]:
        moments.append(subscription["_incomplete_until"])
    pause = subscription["pause_collection"]
    if pause and pause["resumes_at"]:
        moments.append(pause["resumes_at"])
    subscription["_due"] = min(moments, default=None)


def invoice_of(unit: Unit, subscription: Obj, *, reason: str, period: tuple[int, int]) -> Obj:
    """An empty draft of a subscription."""
    is_sent = subscription["collection_method"] == "send_invoice"
    now = unit.now(subscription["customer"])
    metadata = dict(subscription["metadata"])
    made = new_invoice(
        unit,
        subscription["customer"],
        currency=subscription["currency"],
        reason=reason,
        collection_method=subscription["collection_method"],
        discounts=[discount["id"] for discount, _coupon in working(unit, subscription["discounts"], now)],
        period_start=period[0],
        period_end=period[1],
        parent={
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": {
                "metadata": metadata,
                "subscription": subscription["id"],
                "subscription_proration_date": None,
            },
        },
        _subscription=subscription["id"],
        _days_until_due=subscription["days_until_due"] if is_sent else None,
    )
    made["automatic_tax"]["enabled"] = subscription["automatic_tax"]["enabled"]
    return made


def add_recurring_lines(unit: Unit, subscription: Obj, invoice: Obj, period: tuple[int, int]) -> None:
    """What is paid in advance for `period`."""
    is_trial = subscription["status"] == "trialing"
    for item in subscription["items"]["data"]:
        if is_metered(item):
            continue
        name, quantity = name_of(unit, item["price"]), item["quantity"]
        add_line(
            unit,
            invoice,
            amount=0 if is_trial else price_of(item["price"], quantity),
            description=f"Trial period for {name}" if is_trial else f"{quantity} × {name}",
            period=period,
            quantity=quantity,
            price=item["price"],
            parent=of_subscription_item(item),
            metadata=dict(item["metadata"]),
        )


def add_usage_lines(unit: Unit, subscription: Obj, invoice: Obj, period: tuple[int, int]) -> None:
    """What meters counted in `period`, which is over; of an item that came later, since it came."""
    for item in subscription["items"]["data"]:
        if not is_metered(item):
            continue
        used = used_of(unit, subscription, item, *period)
        add_line(
            unit,
            invoice,
            amount=rounded(Decimal(used) * unit_price(item["price"])),
            description=f"{used} × {name_of(unit, item['price'])}",
            period=period,
            quantity=int(used),
            price=item["price"],
            parent=of_subscription_item(item),
        )


def cycle_invoice(unit: Unit, subscription: Obj, *, over: tuple[int, int], begun: tuple[int, int]) -> Obj:
    """The invoice at the turn of two periods: usage of the one, the price of the other, and whatever waited."""
    invoice = invoice_of(unit, subscription, reason="subscription_cycle", period=over)
    pull(unit, invoice, waiting_items(unit, subscription["customer"], subscription["id"]))
    if over[1] != subscription["trial_end"]:
        add_usage_lines(unit, subscription, invoice, over)
    add_recurring_lines(unit, subscription, invoice, begun)
    recount(unit, invoice)
    return invoice


def leave_as_draft(unit: Unit, invoice: Obj) -> None:
    """It becomes final in an hour by itself."""
    moment = unit.now(invoice["customer"]) + _HOUR
    invoice |= {"automatically_finalizes_at": moment, "_due": moment}
