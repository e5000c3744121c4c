"""A payment: the bank is asked, and what it says is kept as a charge, on the intent and in events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import stripe

from integrations.stripe.fake.faults import CardFault, Faults
from integrations.stripe.fake.refusals import Obj, Refusal, declined
from integrations.stripe.fake.resources.cards import code_of, sentence_of
from integrations.stripe.fake.resources.methods import card_of, is_expired
from integrations.stripe.fake.shapes import nulls
from integrations.stripe.fake.unit import Unit

DISPUTE_FEE: Final = 1500
"""What Stripe takes for a dispute, won or lost; in the smallest unit of its currency."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the bank said: yes, no with a reason, or that it wants to see the owner."""

    decline: str = ""
    wants_owner: bool = False

    @property
    def is_yes(self) -> bool:
        """Whether the money came."""
        return not self.decline and not self.wants_owner


class Bank:
    """Every bank of every test card, with the switches of the control page."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def ask(self, method: Obj, customer_id: str, *, now: int, is_owner_there: bool) -> Verdict:
        """What it says of a payment with this card at this moment."""
        switched = self._faults.take_payment(customer_id)
        if switched is CardFault.DECLINE:
            return Verdict("generic_decline")
        card = card_of(method)
        needs_owner = card.authenticates == "always" or (card.authenticates == "setup" and not method["_authenticated"])
        if not is_owner_there and (needs_owner or switched is CardFault.AUTHENTICATE):
            return Verdict(wants_owner=True)
        return Verdict("expired_card" if is_expired(method, now) else card.charge)


def new_intent(unit: Unit, *, amount: int, currency: str, customer: str | None, **fields: Any) -> Obj:  # Any: members
    """A payment that waits for a card."""
    made = unit.new(
        "payment_intent",
        "pi",
        amount=amount,
        currency=currency,
        customer=customer,
        amount_capturable=0,
        amount_received=0,
        capture_method="automatic",
        confirmation_method="automatic",
        payment_method_types=["card"],
        status="requires_payment_method",
        **fields,
    )
    made["client_secret"] = unit.store.next_id(f"{made['id']}_secret")
    unit.tell("payment_intent.created", made)
    return made


def charge(unit: Unit, bank: Bank, intent: Obj, method: Obj, *, is_owner_there: bool = False) -> Verdict:
    """Try to take the intent's amount from the card."""
    now = unit.now(intent["customer"])
    verdict = bank.ask(method, intent["customer"] or "", now=now, is_owner_there=is_owner_there)
    intent["payment_method"] = method["id"]
    if verdict.wants_owner:
        intent |= {"status": "requires_action", "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}}}
        unit.tell("payment_intent.requires_action", intent)
        return verdict
    made = _new_charge(unit, intent, method, verdict)
    intent |= {"latest_charge": made["id"], "next_action": None}
    if not verdict.is_yes:
        intent |= {"status": "requires_payment_method", "last_payment_error": _error(verdict, method)}
        unit.tell("charge.failed", made)
        unit.tell("payment_intent.payment_failed", intent)
        return verdict
    intent |= {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
    unit.tell("charge.succeeded", made)
    unit.tell("payment_intent.succeeded", intent)
    if card_of(method).disputes:
        dispute(unit, made)
    return verdict


def refusal_of(verdict: Verdict, intent: Obj) -> Refusal:
    """The answer to a command whose payment the bank did not say yes to; what it did is kept."""
    shown = {"id": intent["id"], "object": "payment_intent", "status": intent["status"]}
    if verdict.wants_owner:
        message = "Your card was declined. This transaction requires authentication."
        return declined("authentication_required", message, code="authentication_required", payment_intent=shown)
    return declined(verdict.decline, sentence_of(verdict.decline), code=code_of(verdict.decline), payment_intent=shown)


def _new_charge(unit: Unit, intent: Obj, method: Obj, verdict: Verdict) -> Obj:
    amount, is_paid = intent["amount"], verdict.is_yes
    return unit.new(
        "charge",
        "ch",
        amount=amount,
        amount_captured=amount if is_paid else 0,
        amount_refunded=0,
        billing_details=nulls(stripe.Charge.BillingDetails),
        captured=is_paid,
        currency=intent["currency"],
        customer=intent["customer"],
        disputed=False,
        failure_code=code_of(verdict.decline) if not is_paid else None,
        failure_message=sentence_of(verdict.decline) if not is_paid else None,
        outcome=_outcome(verdict),
        paid=is_paid,
        payment_intent=intent["id"],
        payment_method=method["id"],
        refunded=False,
        status="succeeded" if is_paid else "failed",
    )


def _outcome(verdict: Verdict) -> Obj:
    named = nulls(stripe.Charge.Outcome) | {
        "risk_level": "normal",
        "network_status": "approved_by_network",
        "type": "authorized",
    }
    if not verdict.is_yes:
        named |= {"network_status": "declined_by_network", "type": "issuer_declined", "reason": verdict.decline}
    return named


def _error(verdict: Verdict, method: Obj) -> Obj:
    error = nulls(stripe.PaymentIntent.LastPaymentError)
    return error | {
        "type": "card_error",
        "code": code_of(verdict.decline),
        "decline_code": verdict.decline,
        "message": sentence_of(verdict.decline),
        "payment_method": {name: value for name, value in method.items() if not name.startswith("_")},
    }


def dispute(unit: Unit, charged: Obj) -> Obj:
    """The card's owner denies a charge."""
    charged["disputed"] = True
    unit.tell("charge.updated", charged)
    details = nulls(stripe.Dispute.EvidenceDetails) | {
        "due_by": unit.now(charged["customer"]) + 7 * 86_400,
        "has_evidence": False,
        "past_due": False,
        "submission_count": 0,
        "submission_method": "not_submitted",
    }
    made = unit.new(
        "dispute",
        "du",
        amount=charged["amount"],
        charge=charged["id"],
        currency=charged["currency"],
        evidence=nulls(stripe.Dispute.Evidence),
        evidence_details=details,
        is_charge_refundable=False,
        payment_intent=charged["payment_intent"],
        reason="fraudulent",
        status="needs_response",
    )
    move_funds(unit, made, -made["amount"], fee=DISPUTE_FEE)
    unit.tell("charge.dispute.created", made)
    unit.tell("charge.dispute.funds_withdrawn", made)
    return made


def move_funds(unit: Unit, disputed: Obj, amount: int, *, fee: int = 0) -> None:
    """Take a dispute's money out of the account's balance, or put it back; the fee stays, as it does in most countries."""
    taken = unit.new(
        "balance_transaction",
        "txn",
        amount=amount,
        available_on=unit.now(),
        balance_type="payments",
        created=unit.now(),
        currency=disputed["currency"],
        description=f"Chargeback {'withdrawal' if amount < 0 else 'reversal'} for {disputed['charge']}",
        fee=fee,
        net=amount - fee,
        reporting_category="dispute" if amount < 0 else "dispute_reversal",
        source=disputed["id"],
        status="available",
        type="adjustment",
    )
    # It lives inside its dispute alone: nobody asks for balances here.
    unit.forget("balance_transaction", taken["id"])
    disputed["balance_transactions"] = [*disputed["balance_transactions"], taken]
