"""Payment methods and setup intents: cards that are kept for later."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import stripe

from integrations.stripe.fake.calls import Call, Routes
from integrations.stripe.fake.listing import found
from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj, Refusal, bad_param, declined, missing
from integrations.stripe.fake.resources.cards import TestCard, card_named, card_numbered, code_of, sentence_of
from integrations.stripe.fake.shapes import nulls
from integrations.stripe.fake.unit import Unit

_YEARS_VALID: Final = 8
_DECEMBER: Final = 12


def method_of(unit: Unit, wanted: str, *, param: str = "payment_method") -> Obj:
    """The payment method of an id; a new one of a test card for `pm_card_…`."""
    existing = unit.find("payment_method", wanted)
    if existing is not None:
        return existing
    card = card_named(wanted) if wanted.startswith("pm_card_") else None
    if card is None:
        raise missing("PaymentMethod", wanted, param=param)
    return new_card(unit, card)


def new_card(unit: Unit, card: TestCard, *, expires: tuple[int, int] | None = None) -> Obj:
    """A payment method of a test card; it is valid for eight years unless `expires` (month, year) says otherwise."""
    year = datetime.fromtimestamp(unit.now(), UTC).year
    month, until = expires or (_DECEMBER, year + _YEARS_VALID)
    details = nulls(stripe.PaymentMethod.Card) | {
        "brand": card.brand,
        "display_brand": card.brand,
        "country": "US",
        "exp_month": month,
        "exp_year": until,
        "fingerprint": f"local{card.number[-8:]}",
        "funding": "credit",
        "last4": card.number[-4:],
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "networks": {"available": [card.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
    }
    billing = nulls(stripe.PaymentMethod.BillingDetails)
    return unit.new(
        "payment_method",
        "pm",
        type="card",
        card=details,
        billing_details=billing,
        allow_redisplay="unspecified",
        _number=card.number,
        _authenticated=False,
    )


def card_of(method: Obj) -> TestCard:
    """The test card behind a payment method."""
    card = card_numbered(str(method["_number"]))
    assert card is not None, method["id"]
    return card


def is_expired(method: Obj, now: int) -> bool:
    """Whether the card's last month is over."""
    today = datetime.fromtimestamp(now, UTC)
    return (method["card"]["exp_year"], method["card"]["exp_month"]) < (today.year, today.month)


def attach(unit: Unit, wanted: str, customer_id: str) -> Obj:
    """Give a card to a customer; the bank is asked, and may say no."""
    method = method_of(unit, wanted)
    customer = unit.get("customer", customer_id, param="customer")
    if method["customer"] == customer["id"]:
        return method
    if method["customer"]:
        raise bad_param("The payment method you provided has already been attached to a customer.", "payment_method")
    if decline := card_of(method).attach:
        raise declined(decline, sentence_of(decline), code=code_of(decline))
    method["customer"] = customer["id"]
    unit.tell("payment_method.attached", method)
    return method


def attach_card(call: Call) -> Obj:
    return attach(call.unit, call.ids[0], call.params.required("customer"))


def detach(call: Call) -> Obj:
    method = call.unit.get("payment_method", call.ids[0])
    owner = method["customer"]
    if not owner:
        raise Refusal("The payment method you provided is not attached to a customer so detachment is impossible.")
    method["customer"] = None
    call.unit.tell("payment_method.detached", method)
    customer = call.unit.get("customer", owner)
    if customer["invoice_settings"]["default_payment_method"] == method["id"]:
        customer["invoice_settings"]["default_payment_method"] = None
        call.unit.tell("customer.updated", customer)
    for subscription in call.unit.all("subscription", owner):
        if subscription["default_payment_method"] == method["id"]:
            subscription["default_payment_method"] = None
            call.unit.tell("customer.subscription.updated", subscription)
    return method


def new_setup(unit: Unit, customer_id: str | None, params: Params) -> Obj:
    """A setup intent that waits for a card."""
    made = unit.new(
        "setup_intent",
        "seti",
        customer=customer_id,
        usage=params.choice("usage", ("off_session", "on_session"), "off_session"),
        status="requires_payment_method",
        payment_method_types=["card"],
    )
    made["client_secret"] = unit.store.next_id(f"{made['id']}_secret")
    params.metadata_onto(made)
    unit.tell("setup_intent.created", made)
    return made


def set_up(unit: Unit, intent: Obj, wanted: str, *, is_authenticated: bool = False) -> Obj:
    """Try to keep a card: it succeeds, waits for its owner, or raises the bank's refusal."""
    method = method_of(unit, wanted)
    card = card_of(method)
    if card.authenticates and not is_authenticated:
        intent |= {
            "status": "requires_action",
            "payment_method": method["id"],
            "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}},
        }
        unit.tell("setup_intent.requires_action", intent)
        return intent
    method["_authenticated"] = is_authenticated or method["_authenticated"]
    if intent["customer"]:
        attach(unit, method["id"], intent["customer"])
    intent |= {"status": "succeeded", "payment_method": method["id"], "next_action": None}
    unit.tell("setup_intent.succeeded", intent)
    return intent


def create_setup(call: Call) -> Obj:
    params = call.params
    params.inside("automatic_payment_methods").ignore("enabled", "allow_redirects")
    customer = params.text_or_none("customer")
    if customer:
        call.unit.get("customer", customer, param="customer")
    made = new_setup(call.unit, customer, params)
    method = params.text("payment_method")
    if params.flag("confirm"):
        return set_up(call.unit, made, method or params.required("payment_method"))
    if method:
        made |= {"payment_method": method_of(call.unit, method)["id"], "status": "requires_confirmation"}
    return made


ROUTES: Final[Routes] = {
    ("GET", "payment_methods/*"): lambda call: method_of(call.unit, call.ids[0], param=""),
    ("POST", "payment_methods/*/attach"): attach_card,
    ("POST", "payment_methods/*/detach"): detach,
    ("POST", "setup_intents"): create_setup,
    ("GET", "setup_intents"): lambda call: found(call, "setup_intent", "customer", "payment_method"),
    ("GET", "setup_intents/*"): lambda call: call.unit.get("setup_intent", call.ids[0]),
}
