"""Checkout and portal sessions: made by command, completed on their pages (web/)."""

from __future__ import annotations

from typing import Final

import stripe

from integrations.stripe.fake.billing.beginning import Wish, begin
from integrations.stripe.fake.billing.collecting import Collector
from integrations.stripe.fake.billing.drafts import price_of
from integrations.stripe.fake.billing.items import name_of, recurring_price
from integrations.stripe.fake.calls import Call, Routes
from integrations.stripe.fake.listing import found
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, Refusal, bad_param
from integrations.stripe.fake.resources.methods import attach, new_setup, set_up
from integrations.stripe.fake.shapes import nulls
from integrations.stripe.fake.unit import Unit

SESSION: Final = "checkout.session"
_DAY: Final = 86_400
_SHORTEST_TRIAL: Final = 2 * _DAY


class Checkout:
    """Routes of Checkout and the portal."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def create(self, call: Call) -> Obj:
        unit, params = call.unit, call.params
        customer = unit.get("customer", params.required("customer"), param="customer")
        mode = params.choice("mode", ("subscription", "setup"))
        if not mode:
            raise bad_param("Missing required param: mode.", "mode", code="parameter_missing")
        params.choice("ui_mode", ("hosted_page",), "hosted_page")
        params.ignore("payment_method_types", "billing_address_collection", "origin_context")
        now = unit.now(customer["id"])
        made = unit.new(
            SESSION,
            "cs_test",
            customer=customer["id"],
            mode=mode,
            status="open",
            payment_status="no_payment_required" if mode == "setup" else "unpaid",
            success_url=params.required("success_url"),
            cancel_url=params.text_or_none("cancel_url"),
            client_reference_id=params.text_or_none("client_reference_id"),
            locale=params.text("locale", "auto"),
            expires_at=params.whole("expires_at") or now + _DAY,
            allow_promotion_codes=params.flag("allow_promotion_codes") or None,
            automatic_tax={
                "enabled": params.inside("automatic_tax").flag("enabled"),
                "liability": None,
                "provider": None,
                "status": None,
            },
            custom_text=nulls(stripe.checkout.Session.CustomText),
            payment_method_collection=params.choice("payment_method_collection", ("always", "if_required"), "always"),
            payment_method_types=["card"],
            tax_id_collection={"enabled": params.inside("tax_id_collection").flag("enabled"), "required": "never"},
            ui_mode="hosted_page",
            _clock=unit.clock_of(customer["id"]),
            _line_items=[],
        )
        made |= {"url": f"{self._collector.base_url}/c/{made['id']}", "_due": made["expires_at"]}
        params.inside("customer_update").ignore("name", "address", "shipping")
        params.metadata_onto(made)
        (self._setup if mode == "setup" else self._subscription)(unit, made, params)
        return made

    def _setup(self, unit: Unit, session: Obj, params: Params) -> None:
        session["currency"] = params.text_or_none("currency")
        session["setup_intent"] = new_setup(unit, session["customer"], params.inside("setup_intent_data"))["id"]

    def _subscription(self, unit: Unit, session: Obj, params: Params) -> None:
        items = [(each.required("price"), each.whole("quantity")) for each in params.each("line_items")]
        if not items:
            raise bad_param("Missing required param: line_items.", "line_items", code="parameter_missing")
        below = params.inside("subscription_data")
        held: Obj = {}
        below.metadata_onto(held)
        days = below.whole("trial_period_days")
        trial_end = below.whole("trial_end") or (unit.now(session["customer"]) + days * _DAY if days else None)
        if trial_end and trial_end < unit.now(session["customer"]) + _SHORTEST_TRIAL:
            raise bad_param("The `trial_end` date has to be at least 48 hours in the future.", "subscription_data[trial_end]")
        end_behavior = below.inside("trial_settings").inside("end_behavior")
        session["_wish"] = {
            "metadata": held.get("metadata", {}),
            "trial_end": trial_end,
            "missing_method": end_behavior.choice(
                "missing_payment_method", ("cancel", "create_invoice", "pause"), "create_invoice"
            ),
            "discounts": [
                {name: each.text(name) for name in ("coupon", "promotion_code")} for each in params.each("discounts")
            ],
        }
        session["_line_items"] = [_line_item(unit, price, quantity) for price, quantity in items]
        total = 0 if trial_end else sum(each["amount_total"] for each in session["_line_items"])
        session |= {
            "currency": session["_line_items"][0]["currency"],
            "amount_subtotal": total,
            "amount_total": total,
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0, "breakdown": None},
        }

    def complete(self, unit: Unit, session: Obj, method_id: str, *, code_id: str = "", is_authenticated: bool = False) -> Obj:
        """Somebody filled the page in. Raises the bank's refusal; then the session stays open."""
        if session["status"] != "open":
            raise Refusal("This page is closed.", code="checkout_not_active_session")
        if session["mode"] == "setup":
            intent = unit.get("setup_intent", session["setup_intent"])
            set_up(unit, intent, method_id, is_authenticated=is_authenticated)
        else:
            self._begin(unit, session, method_id, code_id)
        session |= {"status": "complete", "url": None, "_due": None}
        customer = unit.get("customer", session["customer"])
        details = nulls(stripe.checkout.Session.CustomerDetails)
        session["customer_details"] = details | {name: customer[name] for name in ("name", "email", "phone", "address")}
        unit.tell("checkout.session.completed", session)
        return session

    def _begin(self, unit: Unit, session: Obj, method_id: str, code_id: str) -> None:
        wanted = session["_wish"]
        discounts = [Params({"promotion_code": code_id})] if code_id else [Params(each) for each in wanted["discounts"]]
        if method_id:
            attach(unit, method_id, session["customer"])
        wish = Wish(
            customer_id=session["customer"],
            items=[(unit.get("price", each["price"]["id"]), each["quantity"], {}) for each in session["_line_items"]],
            metadata=wanted["metadata"],
            trial_end=wanted["trial_end"],
            missing_method=wanted["missing_method"],
            discounts=discounts,
            method_id=method_id,
            behavior="error_if_incomplete",
            with_tax=session["automatic_tax"]["enabled"],
            is_owner_there=True,
        )
        begun = begin(unit, self._collector, wish)
        invoice = unit.get("invoice", begun["latest_invoice"])
        session |= {
            "subscription": begun["id"],
            "invoice": invoice["id"],
            "amount_total": invoice["total"],
            "payment_status": "paid" if invoice["amount_paid"] else "no_payment_required",
        }

    def expire(self, call: Call) -> Obj:
        session = call.unit.get(SESSION, call.ids[0])
        if session["status"] != "open":
            raise Refusal("Only Checkout Sessions with a status of `open` can be expired.")
        session |= {"status": "expired", "url": None, "_due": None}
        call.unit.tell("checkout.session.expired", session)
        return session

    def open_portal(self, call: Call) -> Obj:
        params = call.params
        customer = call.unit.get("customer", params.required("customer"), param="customer")
        flow = params.inside("flow_data").choice("type", ("payment_method_update",))
        made = call.unit.new(
            "billing_portal.session",
            "bps",
            configuration="bpc_local",
            customer=customer["id"],
            return_url=params.text_or_none("return_url"),
            locale=params.text("locale", "auto"),
            flow={"type": flow, "after_completion": {"type": "portal_homepage"}} if flow else None,
        )
        made["url"] = f"{self._collector.base_url}/p/{made['id']}"
        return made

    def routes(self) -> Routes:
        """Those of this module."""
        return {
            ("POST", "checkout/sessions"): self.create,
            ("GET", "checkout/sessions"): lambda call: found(call, SESSION, "customer", "subscription", "status"),
            ("GET", "checkout/sessions/*"): lambda call: call.unit.get(SESSION, call.ids[0]),
            ("POST", "checkout/sessions/*/expire"): self.expire,
            ("POST", "billing_portal/sessions"): self.open_portal,
        }


def _line_item(unit: Unit, price_id: str, wanted: int | None) -> Obj:
    price = recurring_price(unit, price_id, "line_items[0][price]")
    is_metered = price["recurring"]["usage_type"] == "metered"
    if is_metered and wanted is not None:
        raise bad_param("Quantity should not be specified where usage_type is `metered`.", "line_items[0][quantity]")
    quantity = None if is_metered else wanted or 1
    amount = 0 if quantity is None else price_of(price, quantity)
    made = unit.new(
        "item",
        "li",
        amount_discount=0,
        amount_subtotal=amount,
        amount_tax=0,
        amount_total=amount,
        currency=price["currency"],
        description=name_of(unit, price),
        price=dict(price),
        quantity=quantity,
    )
    unit.forget("item", made["id"])
    return made
