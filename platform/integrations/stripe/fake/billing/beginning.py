"""How a subscription begins: its items, its first invoice or its trial."""

from __future__ import annotations

from dataclasses import dataclass, field

from integrations.stripe.fake.billing.charging import refusal_of
from integrations.stripe.fake.billing.collecting import Collector
from integrations.stripe.fake.billing.cycles import (
    add_recurring_lines,
    invoice_of,
    leave_as_draft,
    next_end,
    plan_next,
    set_period,
)
from integrations.stripe.fake.billing.drafts import recount
from integrations.stripe.fake.billing.items import new_item, pull, same_rhythm, waiting_items
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, Refusal
from integrations.stripe.fake.resources.discounts import redeem
from integrations.stripe.fake.resources.methods import attach, method_of
from integrations.stripe.fake.unit import Unit

_INCOMPLETE_SECONDS = 23 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A subscription as somebody wants it. `items` are price, quantity, metadata; `is_owner_there` on Checkout's page."""

    customer_id: str
    items: list[tuple[Obj, int | None, Obj]]
    metadata: Obj
    trial_end: int | None = None
    missing_method: str = "create_invoice"
    discounts: list[Params] = field(default_factory=list)
    collection: str = "charge_automatically"
    days_until_due: int | None = None
    method_id: str = ""
    behavior: str = "allow_incomplete"
    saves_card: bool = False
    with_tax: bool = False
    cancels_at_period_end: bool = False
    description: str | None = None
    is_owner_there: bool = False


def begin(unit: Unit, collector: Collector, wish: Wish) -> Obj:
    """A new subscription with its first invoice, collected as `behavior` says."""
    subscription = _new(unit, wish)
    items = [new_item(unit, subscription["id"], *each) for each in wish.items]
    same_rhythm(items)
    subscription["items"]["data"] = items
    subscription["currency"] = items[0]["price"]["currency"]
    start = subscription["start_date"]
    set_period(subscription, start, wish.trial_end or next_end(subscription, start))
    subscription["discounts"] = redeem(unit, wish.discounts, wish.customer_id, subscription["id"])
    unit.tell("customer.subscription.created", subscription)
    invoice = _first_invoice(unit, subscription)
    unit.tell("invoice.created", invoice)
    _collect(unit, collector, invoice, wish)
    plan_next(subscription)
    unit.tell("customer.subscription.updated", subscription)
    return subscription


def _new(unit: Unit, wish: Wish) -> Obj:
    now = unit.now(wish.customer_id)
    is_trial = bool(wish.trial_end and wish.trial_end > now)
    method = _own_method(unit, wish) if wish.method_id else None
    is_automatic = wish.collection == "charge_automatically"
    made = unit.new(
        "subscription",
        "sub",
        customer=wish.customer_id,
        automatic_tax={"enabled": wish.with_tax, "disabled_reason": None, "liability": None},
        billing_cycle_anchor=wish.trial_end or now,
        billing_mode={"type": "flexible", "flexible": {"proration_discounts": "included"}, "updated_at": None},
        cancel_at_period_end=wish.cancels_at_period_end,
        cancellation_details={"comment": None, "feedback": None, "feedback_option": None, "reason": None},
        collection_method=wish.collection,
        currency="usd",
        days_until_due=wish.days_until_due,
        default_payment_method=method,
        description=wish.description,
        invoice_settings={
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self", "account": None},
        },
        metadata=wish.metadata,
        payment_settings={
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "on_subscription" if wish.saves_card else "off",
        },
        start_date=now,
        status="trialing" if is_trial else "incomplete" if is_automatic else "active",
        test_clock=unit.clock_of(wish.customer_id) or None,
        trial_start=now if is_trial else None,
        trial_end=wish.trial_end if is_trial else None,
        trial_settings={"end_behavior": {"billing_cycle_anchor": None, "missing_payment_method": wish.missing_method}},
        _clock=unit.clock_of(wish.customer_id),
        _told_of_end=False,
        _came_at={},
        _incomplete_until=None if is_trial or not is_automatic else now + _INCOMPLETE_SECONDS,
    )
    made["items"] = {
        "object": "list",
        "data": [],
        "has_more": False,
        "url": f"/v1/subscription_items?subscription={made['id']}",
    }
    return made


def _own_method(unit: Unit, wish: Wish) -> str:
    """The card, which must be the customer's; a test card's name is attached on the way."""
    method = method_of(unit, wish.method_id, param="default_payment_method")
    return str(attach(unit, method["id"], wish.customer_id)["id"])


def _first_invoice(unit: Unit, subscription: Obj) -> Obj:
    item = subscription["items"]["data"][0]
    period = (item["current_period_start"], item["current_period_end"])
    invoice = invoice_of(unit, subscription, reason="subscription_create", period=(period[0], period[0]))
    pull(unit, invoice, waiting_items(unit, subscription["customer"], subscription["id"]))
    add_recurring_lines(unit, subscription, invoice, period)
    recount(unit, invoice)
    subscription["latest_invoice"] = invoice["id"]
    return invoice


def _collect(unit: Unit, collector: Collector, invoice: Obj, wish: Wish) -> None:
    if wish.collection == "send_invoice":
        leave_as_draft(unit, invoice)
        return
    collector.finalize(unit, invoice)
    if invoice["status"] == "paid" or wish.behavior == "default_incomplete":
        return
    if not collector.method_for(unit, invoice):
        raise Refusal(
            "This customer has no attached payment source or default payment method. Please consider adding a default"
            " payment method.",
            code="resource_missing",
        )
    verdict = collector.attempt(unit, invoice, is_owner_there=wish.is_owner_there)
    if verdict is not None and not verdict.is_yes and wish.behavior == "error_if_incomplete":
        refusal = refusal_of(verdict, unit.get("payment_intent", invoice["_intent"]))
        refusal.keeps = False
        raise refusal
