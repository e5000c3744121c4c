"""Payment intents, charges, refunds and disputes."""

from __future__ import annotations

from typing import Final

from integrations.stripe.fake.billing.charging import dispute, move_funds
from integrations.stripe.fake.calls import Call, Found, Routes
from integrations.stripe.fake.listing import found
from integrations.stripe.fake.refusals import Obj, Refusal, bad_param
from integrations.stripe.fake.unit import Unit


def refund_charge(unit: Unit, charged: Obj, amount: int, reason: str | None = None) -> Obj:
    """Give back `amount` of a charge."""
    if not charged["paid"] or amount <= 0 or amount > charged["amount"] - charged["amount_refunded"]:
        raise Refusal(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge.",
            code="charge_already_refunded",
            param="amount",
        )
    charged["amount_refunded"] += amount
    charged["refunded"] = charged["amount_refunded"] == charged["amount"]
    made = unit.new(
        "refund",
        "re",
        amount=amount,
        charge=charged["id"],
        currency=charged["currency"],
        customer=charged["customer"],
        payment_intent=charged["payment_intent"],
        payment_method=charged["payment_method"],
        reason=reason,
        status="succeeded",
    )
    unit.tell("refund.created", made)
    unit.tell("charge.refunded", charged)
    return made


def refund(call: Call) -> Obj:
    unit, params = call.unit, call.params
    charge_id = params.text("charge")
    if intent_id := params.text("payment_intent"):
        charge_id = unit.get("payment_intent", intent_id, param="payment_intent")["latest_charge"] or ""
    charged = unit.get("charge", charge_id or params.required("charge"), param="charge")
    amount = params.whole("amount")
    reason = params.choice("reason", ("duplicate", "fraudulent", "requested_by_customer")) or None
    left = charged["amount"] - charged["amount_refunded"]
    made = refund_charge(unit, charged, left if amount is None else amount, reason)
    params.metadata_onto(made)
    return made


def end_dispute(unit: Unit, disputed: Obj, status: str) -> Obj:
    """It is won or lost."""
    if disputed["status"] in {"won", "lost"}:
        raise Refusal("This dispute is already closed.")
    disputed["status"] = status
    if status == "won":
        move_funds(unit, disputed, disputed["amount"])
        unit.tell("charge.dispute.funds_reinstated", disputed)
    unit.tell("charge.dispute.closed", disputed)
    return disputed


def open_dispute(unit: Unit, charge_id: str) -> Obj:
    """As if the card's owner had called their bank."""
    charged = unit.get("charge", charge_id, param="charge")
    if not charged["paid"] or charged["disputed"]:
        raise bad_param("Only a charge that was paid can be disputed, once.", "charge")
    return dispute(unit, charged)


def refunds(call: Call) -> Found:
    return found(call, "refund", "charge", "payment_intent")


ROUTES: Final[Routes] = {
    ("GET", "payment_intents"): lambda call: found(call, "payment_intent", "customer"),
    ("GET", "payment_intents/*"): lambda call: call.unit.get("payment_intent", call.ids[0]),
    ("GET", "charges"): lambda call: found(call, "charge", "customer", "payment_intent"),
    ("GET", "charges/*"): lambda call: call.unit.get("charge", call.ids[0]),
    ("POST", "refunds"): refund,
    ("GET", "refunds"): refunds,
    ("GET", "refunds/*"): lambda call: call.unit.get("refund", call.ids[0]),
    ("GET", "disputes"): lambda call: found(call, "dispute", "charge", "payment_intent"),
    ("GET", "disputes/*"): lambda call: call.unit.get("dispute", call.ids[0]),
}
