"""How a running subscription changes: prices and quantities, trials, cancellation, and what is due for it now."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.stripe.fake.billing.charging import refusal_of
from integrations.stripe.fake.billing.collecting import Collector
from integrations.stripe.fake.billing.cycles import (
    add_recurring_lines,
    invoice_of,
    leave_as_draft,
    next_end,
    period_of,
    set_period,
)
from integrations.stripe.fake.billing.drafts import recount
from integrations.stripe.fake.billing.items import new_item, pull, recurring_price, same_rhythm, waiting_items
from integrations.stripe.fake.billing.prorations import Change, note_changes, note_usage
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, bad_param
from integrations.stripe.fake.unit import Unit, copied


@dataclass(frozen=True, slots=True)
class Terms:
    """How a change is billed."""

    proration: str
    at: int
    behavior: str


def terms_of(unit: Unit, subscription: Obj, params: Params) -> Terms:
    """What the request says of it."""
    now = unit.now(subscription["customer"])
    return Terms(
        proration=params.choice("proration_behavior", ("create_prorations", "always_invoice", "none"), "create_prorations"),
        at=params.whole("proration_date") or now,
        behavior=params.choice(
            "payment_behavior", ("allow_incomplete", "error_if_incomplete", "default_incomplete"), "allow_incomplete"
        ),
    )


def change_items(unit: Unit, subscription: Obj, wishes: list[Params], terms: Terms) -> bool:
    """Other items; notes what it costs. True when a new period began, which is billed at once."""
    before = subscription["items"]["data"]
    after = [copied(item) for item in before]
    changes = [_apply(unit, subscription, after, wish) for wish in wishes]
    kept = [item for item in after if not item.get("_gone")]
    same_rhythm(kept)
    if kept[0]["price"]["currency"] != subscription["currency"]:
        raise bad_param("The currency of a subscription cannot be changed.", "items")
    begins_anew = _rhythm(before) != _rhythm(kept)
    if terms.proration != "none" and subscription["status"] != "trialing":
        noted = [Change(each.before, None) for each in changes if each.before] if begins_anew else changes
        note_changes(unit, subscription, noted, at=terms.at)
        note_usage(unit, subscription, changes)
    subscription["items"]["data"] = kept
    now = unit.now(subscription["customer"])
    came = {each.after["id"]: now for each in changes if each.after and not each.costs_the_same}
    subscription["_came_at"] = subscription.get("_came_at", {}) | came
    if begins_anew and subscription["status"] != "trialing":
        restart(unit, subscription)
        return True
    start, end = period_of({"items": {"data": before}})
    set_period(subscription, start, end)
    return False


def _rhythm(items: list[Obj]) -> tuple[str, int]:
    recurring = items[0]["price"]["recurring"]
    return str(recurring["interval"]), int(recurring["interval_count"])


def _apply(unit: Unit, subscription: Obj, items: list[Obj], wish: Params) -> Change:
    if not wish.has("id"):
        price = recurring_price(unit, wish.required("price"), "items[0][price]")
        made = new_item(unit, subscription["id"], price, wish.whole("quantity"), {})
        wish.metadata_onto(made)
        period = items[0] if items else {}
        made |= {name: period[name] for name in ("current_period_start", "current_period_end")}
        items.append(made)
        return Change(None, made)
    item = next((each for each in items if each["id"] == wish.text("id")), None)
    if item is None:
        raise bad_param(f"Invalid subscription item: '{wish.text('id')}'", "items[0][id]", code="resource_missing")
    before = copied(item)
    if wish.flag("deleted"):
        item["_gone"] = True
        return Change(before, None)
    _alter(unit, item, wish)
    return Change(before, item)


def _alter(unit: Unit, item: Obj, wish: Params) -> None:
    wanted = wish.text("price")
    quantity = wish.whole("quantity")
    if wanted and wanted != item["price"]["id"]:
        price = recurring_price(unit, wanted, "items[0][price]")
        fresh = new_item(unit, item["subscription"], price, item.get("quantity") if quantity is None else quantity, {})
        item |= {name: fresh[name] for name in ("price", "plan")}
        item.pop("quantity", None)
        item |= {name: fresh[name] for name in ("quantity",) if name in fresh}
    elif quantity is not None:
        item["quantity"] = quantity
    wish.metadata_onto(item)


def restart(unit: Unit, subscription: Obj) -> None:
    """A new period begins now, and so will all that follow."""
    now = unit.now(subscription["customer"])
    subscription["billing_cycle_anchor"] = now
    set_period(subscription, now, next_end(subscription, now))


def set_trial(unit: Unit, subscription: Obj, wanted: str, terms: Terms) -> bool:
    """Give time away, or end a trial. True when a paid period began, which is billed at once."""
    now = unit.now(subscription["customer"])
    if wanted == "now":
        if subscription["status"] != "trialing":
            return False
        subscription |= {"status": "active", "trial_end": now}
        restart(unit, subscription)
        return True
    if not wanted.isdecimal() or int(wanted) <= now:
        raise bad_param("trial_end must be in the future, or `now`.", "trial_end")
    if subscription["status"] != "trialing" and terms.proration != "none":
        items = subscription["items"]["data"]
        note_changes(unit, subscription, [Change(item, None) for item in items], at=terms.at)
    start = period_of(subscription)[0] if subscription["status"] == "trialing" else now
    subscription |= {
        "status": "trialing",
        "trial_start": subscription["trial_start"] or now,
        "trial_end": int(wanted),
        "billing_cycle_anchor": int(wanted),
        "_told_of_end": False,
    }
    set_period(subscription, start, int(wanted))
    if subscription["cancel_at_period_end"]:
        subscription["cancel_at"] = int(wanted)
    return False


def bill_now(unit: Unit, collector: Collector, subscription: Obj, terms: Terms, *, new_period: bool) -> Obj | None:
    """The invoice of a change, made final and collected; None when nothing is to be billed."""
    waiting = waiting_items(unit, subscription["customer"], subscription["id"])
    if not waiting and not new_period:
        return None
    period = period_of(subscription)
    now = unit.now(subscription["customer"])
    invoice = invoice_of(unit, subscription, reason="subscription_update", period=(now, now))
    pull(unit, invoice, waiting)
    if new_period:
        add_recurring_lines(unit, subscription, invoice, period)
        recount(unit, invoice)
    subscription["latest_invoice"] = invoice["id"]
    unit.tell("invoice.created", invoice)
    if subscription["collection_method"] == "send_invoice":
        leave_as_draft(unit, invoice)
        return invoice
    collector.finalize(unit, invoice)
    if invoice["status"] != "paid" and terms.behavior != "default_incomplete":
        _collect_now(unit, collector, invoice, terms)
    return invoice


def _collect_now(unit: Unit, collector: Collector, invoice: Obj, terms: Terms) -> None:
    verdict = collector.attempt(unit, invoice)
    if terms.behavior != "error_if_incomplete":
        return
    if verdict is None:
        raise bad_param(
            "This customer has no attached payment source or default payment method.", "customer", code="resource_missing"
        )
    if not verdict.is_yes:
        refusal = refusal_of(verdict, unit.get("payment_intent", invoice["_intent"]))
        refusal.keeps = False
        raise refusal
