"""Payment intents, charges, refunds and disputes."""

from __future__ import annotations

from typing import Final

from integrations.stripe.fake.billing.charging import Bank, charge, dispute, move_funds, new_intent, refusal_of
from integrations.stripe.fake.calls import Call, Found, Routes
from integrations.stripe.fake.listing import found
from integrations.stripe.fake.refusals import Obj, Refusal, bad_param
from integrations.stripe.fake.resources.catalogue import checked_amount, checked_currency
from integrations.stripe.fake.resources.methods import method_of
from integrations.stripe.fake.unit import Unit

_CLOSED: Final = frozenset({"succeeded", "canceled"})


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


def close_dispute(call: Call) -> Obj:
    disputed = call.unit.get("dispute", call.ids[0])
    return end_dispute(call.unit, disputed, "lost")


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


def cancel(call: Call) -> Obj:
    intent = call.unit.get("payment_intent", call.ids[0])
    if intent["status"] in _CLOSED:
        raise Refusal(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
        )
    intent |= {"status": "canceled", "canceled_at": call.unit.now(intent["customer"]), "next_action": None}
    intent["cancellation_reason"] = call.params.text_or_none("cancellation_reason")
    call.unit.tell("payment_intent.canceled", intent)
    return intent


class Payments:
    """Routes that ask the bank."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    def create(self, call: Call) -> Obj:
        unit, params = call.unit, call.params
        currency = checked_currency(params)
        customer = params.text_or_none("customer")
        if customer:
            unit.get("customer", customer, param="customer")
        params.inside("automatic_payment_methods").ignore("enabled", "allow_redirects")
        made = new_intent(
            unit,
            amount=checked_amount(params.whole("amount"), currency, "amount"),
            currency=currency,
            customer=customer,
            description=params.text_or_none("description"),
        )
        params.metadata_onto(made)
        wanted = params.text("payment_method")
        if params.flag("confirm"):
            return self._confirm(unit, made, wanted or params.required("payment_method"), is_off=params.flag("off_session"))
        if wanted:
            made |= {"payment_method": method_of(unit, wanted)["id"], "status": "requires_confirmation"}
        return made

    def confirm(self, call: Call) -> Obj:
        intent = call.unit.get("payment_intent", call.ids[0])
        if intent["status"] in _CLOSED:
            raise Refusal("This PaymentIntent cannot be confirmed any more.", code="payment_intent_unexpected_state")
        wanted = call.params.text("payment_method") or intent["payment_method"]
        if not wanted:
            raise bad_param("Provide a payment method.", "payment_method", code="parameter_missing")
        return self._confirm(call.unit, intent, wanted, is_off=call.params.flag("off_session"))

    def _confirm(self, unit: Unit, intent: Obj, wanted: str, *, is_off: bool) -> Obj:
        verdict = charge(unit, self._bank, intent, method_of(unit, wanted))
        if verdict.decline or (verdict.wants_owner and is_off):
            raise refusal_of(verdict, intent)
        return intent

    def routes(self) -> Routes:
        """Those of this module."""
        return {
            ("POST", "payment_intents"): self.create,
            ("POST", "payment_intents/*/confirm"): self.confirm,
            ("POST", "payment_intents/*/cancel"): cancel,
            ("GET", "payment_intents"): lambda call: found(call, "payment_intent", "customer"),
            ("GET", "payment_intents/*"): lambda call: call.unit.get("payment_intent", call.ids[0]),
            ("GET", "charges"): lambda call: found(call, "charge", "customer", "payment_intent"),
            ("GET", "charges/*"): lambda call: call.unit.get("charge", call.ids[0]),
            ("POST", "refunds"): refund,
            ("GET", "refunds"): refunds,
            ("GET", "refunds/*"): lambda call: call.unit.get("refund", call.ids[0]),
            ("GET", "disputes"): lambda call: found(call, "dispute", "charge", "payment_intent"),
            ("GET", "disputes/*"): lambda call: call.unit.get("dispute", call.ids[0]),
            ("POST", "disputes/*/close"): close_dispute,
        }


def refunds(call: Call) -> Found:
    return found(call, "refund", "charge", "payment_intent")
