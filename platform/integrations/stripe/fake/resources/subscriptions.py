"""Subscriptions and their items, by command."""

from __future__ import annotations

from integrations.stripe.fake.billing.beginning import Wish, begin
from integrations.stripe.fake.billing.changing import Terms, bill_now, change_items, restart, set_trial, terms_of
from integrations.stripe.fake.billing.collecting import Collector, end
from integrations.stripe.fake.billing.cycles import add_usage_lines, invoice_of, period_of, plan_next
from integrations.stripe.fake.billing.drafts import recount
from integrations.stripe.fake.billing.items import pull, recurring_price, waiting_items
from integrations.stripe.fake.billing.prorations import Change, note_changes
from integrations.stripe.fake.calls import Call, Found, Routes
from integrations.stripe.fake.listing import found
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, Refusal, bad_param, missing
from integrations.stripe.fake.resources.discounts import redeem
from integrations.stripe.fake.resources.methods import attach, method_of
from integrations.stripe.fake.unit import Unit

_OVER = frozenset({"canceled", "incomplete_expired"})
_DAY = 86_400
_BEHAVIORS = ("allow_incomplete", "error_if_incomplete", "default_incomplete")


def wish_of(unit: Unit, customer_id: str, params: Params, items: list[Params]) -> Wish:
    """What a request wants, for a subscription or for a preview of one."""
    unit.get("customer", customer_id, param="customer")
    collection = params.choice("collection_method", ("charge_automatically", "send_invoice"), "charge_automatically")
    days = params.whole("days_until_due")
    if (collection == "send_invoice") != (days is not None):
        raise bad_param("days_until_due is for `send_invoice`, which needs it.", "days_until_due")
    held: Obj = {}
    params.metadata_onto(held)
    settings = params.inside("payment_settings")
    return Wish(
        customer_id=customer_id,
        items=[_item_of(unit, each) for each in items],
        metadata=held.get("metadata", {}),
        trial_end=_trial_end(unit, customer_id, params),
        missing_method=params.inside("trial_settings")
        .inside("end_behavior")
        .choice("missing_payment_method", ("cancel", "create_invoice", "pause"), "create_invoice"),
        discounts=params.each("discounts"),
        collection=collection,
        days_until_due=days,
        method_id=params.text("default_payment_method"),
        behavior=params.choice("payment_behavior", _BEHAVIORS, "allow_incomplete"),
        saves_card=settings.choice("save_default_payment_method", ("on_subscription", "off"), "off") == "on_subscription",
        with_tax=params.inside("automatic_tax").flag("enabled"),
        cancels_at_period_end=params.flag("cancel_at_period_end"),
        description=params.text_or_none("description"),
    )


def _item_of(unit: Unit, params: Params) -> tuple[Obj, int | None, Obj]:
    held: Obj = {}
    params.metadata_onto(held)
    price = recurring_price(unit, params.required("price"), "items[0][price]")
    return price, params.whole("quantity"), held.get("metadata", {})


def _trial_end(unit: Unit, customer_id: str, params: Params) -> int | None:
    now = unit.now(customer_id)
    days = params.whole("trial_period_days")
    wanted = params.text("trial_end")
    if wanted and wanted != "now" and (not wanted.isdecimal() or int(wanted) <= now):
        raise bad_param("trial_end must be in the future, or `now`.", "trial_end")
    if wanted and wanted != "now":
        return int(wanted)
    return now + days * _DAY if days else None


class Subscriptions:
    """Routes that may collect money."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def create(self, call: Call) -> Obj:
        params = call.params
        params.ignore("off_session", "proration_behavior")
        wish = wish_of(call.unit, params.required("customer"), params, params.each("items"))
        return begin(call.unit, self._collector, wish)

    def update(self, call: Call) -> Obj:
        subscription = self._running(call)
        self.apply(call.unit, subscription, call.params)
        return subscription

    def apply(self, unit: Unit, subscription: Obj, params: Params) -> Obj | None:
        """All that an update may say; gives back the invoice that it made, if it made one."""
        terms = terms_of(unit, subscription, params)
        params.ignore("off_session")
        _change_plain(unit, subscription, params)
        _change_end(unit, subscription, params)
        bills, begins = False, False
        if params.has("items"):
            begins = change_items(unit, subscription, params.each("items"), terms)
            bills = begins or terms.proration == "always_invoice"
        if trial := params.text("trial_end"):
            begins = set_trial(unit, subscription, trial, terms) or begins
            bills = bills or begins
        invoice = bill_now(unit, self._collector, subscription, terms, new_period=begins) if bills else None
        plan_next(subscription)
        unit.tell("customer.subscription.updated", subscription)
        return invoice

    def cancel(self, call: Call) -> Obj:
        subscription = self._running(call)
        params, unit = call.params, call.unit
        _note_reason(subscription, params)
        prorates, bills = params.flag("prorate"), params.flag("invoice_now")
        if prorates:
            changes = [Change(item, None) for item in subscription["items"]["data"]]
            note_changes(unit, subscription, changes, at=unit.now(subscription["customer"]))
        end(unit, subscription)
        if bills:
            final_invoice(unit, self._collector, subscription)
        return subscription

    def resume(self, call: Call) -> Obj:
        subscription = call.unit.get("subscription", call.ids[0])
        if subscription["status"] != "paused":
            raise Refusal("Only a paused subscription can be resumed.", param="status")
        call.params.inside("billing_cycle_anchor").choice("type", ("now",), "now")
        call.params.ignore("proration_behavior")
        subscription |= {"status": "active", "status_details": None}
        restart(call.unit, subscription)
        terms = Terms("none", call.unit.now(subscription["customer"]), "allow_incomplete")
        bill_now(call.unit, self._collector, subscription, terms, new_period=True)
        plan_next(subscription)
        call.unit.tell("customer.subscription.resumed", subscription)
        return subscription

    def _running(self, call: Call) -> Obj:
        subscription = call.unit.get("subscription", call.ids[0])
        if subscription["status"] in _OVER:
            raise missing("subscription", call.ids[0])
        return subscription

    def routes(self) -> Routes:
        """Those of this module."""
        return {
            ("POST", "subscriptions"): self.create,
            ("GET", "subscriptions"): subscriptions,
            ("GET", "subscriptions/*"): lambda call: call.unit.get("subscription", call.ids[0]),
            ("POST", "subscriptions/*"): self.update,
            ("DELETE", "subscriptions/*"): self.cancel,
            ("DELETE", "customers/*"): delete_customer,
            ("POST", "subscriptions/*/resume"): self.resume,
        }


def delete_customer(call: Call) -> Obj:
    """Gone for good, and with them at once whatever they subscribed to ("Delete a customer")."""
    customer = call.unit.get("customer", call.ids[0])
    for subscription in call.unit.all("subscription", customer["id"]):
        if subscription["status"] not in _OVER:
            end(call.unit, subscription)
    customer["deleted"] = True
    call.unit.tell("customer.deleted", customer)
    return {"id": customer["id"], "object": "customer", "deleted": True}


def final_invoice(unit: Unit, collector: Collector, subscription: Obj) -> Obj | None:
    """What is still to be billed or given back when a subscription ends."""
    invoice = invoice_of(unit, subscription, reason="subscription_update", period=period_of(subscription))
    pull(unit, invoice, waiting_items(unit, subscription["customer"], subscription["id"]))
    start, _end = period_of(subscription)
    add_usage_lines(unit, subscription, invoice, (start, unit.now(subscription["customer"])))
    recount(unit, invoice)
    if not any(line["amount"] for line in invoice["lines"]["data"]):
        unit.forget("invoice", invoice["id"])
        return None
    subscription["latest_invoice"] = invoice["id"]
    unit.tell("invoice.created", invoice)
    collector.finalize(unit, invoice)
    if invoice["status"] == "open" and invoice["collection_method"] == "charge_automatically":
        collector.attempt(unit, invoice)
    return invoice


def _change_plain(unit: Unit, subscription: Obj, params: Params) -> None:
    params.metadata_onto(subscription)
    if params.has("description"):
        subscription["description"] = params.text_or_none("description")
    if params.has("default_payment_method"):
        method = params.text("default_payment_method")
        own = attach(unit, method_of(unit, method)["id"], subscription["customer"])["id"] if method else None
        subscription["default_payment_method"] = own
    if params.has("discounts"):
        subscription["discounts"] = redeem(unit, params.each("discounts"), subscription["customer"], subscription["id"])
    if params.has("automatic_tax"):
        subscription["automatic_tax"]["enabled"] = params.inside("automatic_tax").flag("enabled")
    if params.has("collection_method"):
        subscription["collection_method"] = params.choice("collection_method", ("charge_automatically", "send_invoice"))
        subscription["days_until_due"] = params.whole("days_until_due")
    if params.has("pause_collection"):
        pause = params.inside("pause_collection")
        behavior = pause.choice("behavior", ("keep_as_draft", "mark_uncollectible", "void"))
        wanted = {"behavior": behavior, "resumes_at": pause.whole("resumes_at")}
        subscription["pause_collection"] = wanted if behavior else None


def _change_end(unit: Unit, subscription: Obj, params: Params) -> None:
    now = unit.now(subscription["customer"])
    _note_reason(subscription, params)
    if params.has("cancel_at_period_end"):
        wanted = params.flag("cancel_at_period_end")
        ends_at = period_of(subscription)[1]
        subscription |= {
            "cancel_at_period_end": wanted,
            "cancel_at": ends_at if wanted else None,
            "canceled_at": now if wanted else None,
        }
        subscription["cancellation_details"]["reason"] = "cancellation_requested" if wanted else None
    if params.has("cancel_at"):
        moment = params.whole("cancel_at")
        subscription |= {"cancel_at": moment, "canceled_at": now if moment else None, "cancel_at_period_end": False}


def _note_reason(subscription: Obj, params: Params) -> None:
    details = params.inside("cancellation_details")
    for name in ("comment", "feedback"):
        if details.has(name):
            subscription["cancellation_details"][name] = details.text_or_none(name)


def subscriptions(call: Call) -> Found:
    status = call.params.text("status")
    price = call.params.text("price")

    def fits(each: Obj) -> bool:
        if status != "all" and (each["status"] in _OVER if not status else each["status"] != status):
            return False
        return not price or any(item["price"]["id"] == price for item in each["items"]["data"])

    return found(call, "subscription", "customer", "collection_method", "test_clock", keep=fits)
