"""From a draft to a paid invoice: number, payment, failure and another try, and what that does to the subscription."""

from __future__ import annotations

from typing import Final

from integrations.stripe.fake.billing.charging import Bank, Verdict, charge, new_intent
from integrations.stripe.fake.billing.drafts import balance_afterwards, recount
from integrations.stripe.fake.refusals import Obj, Refusal
from integrations.stripe.fake.resources.customers import move_balance
from integrations.stripe.fake.resources.methods import method_of
from integrations.stripe.fake.store import Store
from integrations.stripe.fake.unit import Unit

_DAY: Final = 86_400
_PAYABLE: Final = frozenset({"open", "uncollectible"})
_BEHIND: Final = frozenset({"past_due", "unpaid", "incomplete"})


def require_status(invoice: Obj, *statuses: str) -> None:
    """Refuse what can't be done with an invoice in this state."""
    if invoice["status"] not in statuses:
        raise Refusal(
            f"This invoice is {invoice['status']}: it must be {' or '.join(statuses)} for this.", code="invoice_not_editable"
        )


class Collector:
    """Makes invoices final and collects them."""

    def __init__(self, bank: Bank, store: Store, *, base_url: str) -> None:
        self._bank = bank
        self.store = store
        self.base_url = base_url

    def finalize(self, unit: Unit, invoice: Obj) -> Obj:
        """Give it its number and, where something is due, a payment; with nothing due it is paid at once."""
        require_status(invoice, "draft")
        recount(unit, invoice)
        now = unit.now(invoice["customer"])
        customer = unit.get("customer", invoice["customer"])
        ending = balance_afterwards(invoice)
        invoice |= {
            "status": "open",
            "number": f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}",
            "ending_balance": ending,
            "effective_at": now,
            "automatically_finalizes_at": None,
            "hosted_invoice_url": f"{self.base_url}/i/{invoice['id']}",
            "invoice_pdf": f"{self.base_url}/i/{invoice['id']}/pdf",
            "_due": None,
        }
        invoice["status_transitions"]["finalized_at"] = now
        customer["next_invoice_sequence"] += 1
        currency = invoice["currency"]
        customer["currency"] = customer["currency"] or currency
        moved = ending - invoice["starting_balance"]
        move_balance(unit, customer["id"], moved, currency, "applied_to_invoice", invoice=invoice["id"])
        for taken in invoice["total_discount_amounts"]:
            # A coupon for once waits for an invoice that it can take something off: a trial's does not use it up.
            unit.get("discount", taken["discount"])["_used"] |= bool(taken["amount"])
        if invoice["collection_method"] == "send_invoice":
            invoice["due_date"] = invoice["due_date"] or now + (invoice["_days_until_due"] or 0) * _DAY
            invoice["_due"] = invoice["due_date"]
        unit.tell("invoice.finalized", invoice)
        if not invoice["amount_due"]:
            return self.mark_paid(unit, invoice)
        self._ask_for_payment(unit, invoice)
        return invoice

    def _ask_for_payment(self, unit: Unit, invoice: Obj) -> None:
        intent = new_intent(
            unit,
            amount=invoice["amount_due"],
            currency=invoice["currency"],
            customer=invoice["customer"],
            description=f"Invoice {invoice['number']}",
            _invoice=invoice["id"],
        )
        payment = unit.new(
            "invoice_payment",
            "inpay",
            amount_requested=invoice["amount_due"],
            currency=invoice["currency"],
            invoice=invoice["id"],
            is_default=True,
            payment={"type": "payment_intent", "payment_intent": intent["id"], "charge": None, "payment_record": None},
            status="open",
            status_transitions={"canceled_at": None, "paid_at": None},
        )
        invoice |= {"_intent": intent["id"], "_payment": payment["id"]}

    def method_for(self, unit: Unit, invoice: Obj) -> str:
        """The card that an invoice is paid from; empty when there is none."""
        subscription = unit.find("subscription", invoice["_subscription"]) if invoice.get("_subscription") else None
        customer = unit.get("customer", invoice["customer"])
        return str(
            invoice["default_payment_method"]
            or (subscription and subscription["default_payment_method"])
            or customer["invoice_settings"]["default_payment_method"]
            or ""
        )

    def attempt(self, unit: Unit, invoice: Obj, method_id: str = "", *, is_owner_there: bool = False) -> Verdict | None:
        """Try to collect it; None when there was no card to try."""
        require_status(invoice, *_PAYABLE)
        wanted = method_id or self.method_for(unit, invoice)
        intent = unit.get("payment_intent", invoice["_intent"])
        if not wanted:
            self._note_failure(unit, invoice, wants_owner=False)
            return None
        intent["amount"] = invoice["amount_remaining"]
        verdict = charge(unit, self._bank, intent, method_of(unit, wanted), is_owner_there=is_owner_there)
        if verdict.is_yes:
            self.mark_paid(unit, invoice)
        else:
            self._note_failure(unit, invoice, wants_owner=verdict.wants_owner)
        return verdict

    def mark_paid(self, unit: Unit, invoice: Obj, *, out_of_band: bool = False) -> Obj:
        """All that was due has come."""
        now = unit.now(invoice["customer"])
        due = invoice["amount_remaining"]
        invoice |= {
            "status": "paid",
            "amount_paid": invoice["amount_paid"] + due,
            "amount_remaining": 0,
            "attempted": invoice["attempted"] or (bool(due) and not out_of_band),
            "next_payment_attempt": None,
            "_out_of_band": out_of_band,
            "_due": None,
        }
        if due and not out_of_band:
            invoice["attempt_count"] += 1
        invoice["status_transitions"]["paid_at"] = now
        self._close_payment(unit, invoice, paid_at=None if out_of_band else now)
        unit.tell("invoice.paid", invoice)
        unit.tell("invoice.payment_succeeded", invoice)
        self._settle(unit, invoice)
        return invoice

    def give_up(self, unit: Unit, invoice: Obj, status: str) -> Obj:
        """Void or uncollectible."""
        now = unit.now(invoice["customer"])
        invoice |= {"status": status, "next_payment_attempt": None, "_due": None}
        name = "voided" if status == "void" else "marked_uncollectible"
        invoice["status_transitions"][f"{name}_at"] = now
        if status == "void":
            self._close_payment(unit, invoice, paid_at=None)
            moved = invoice["starting_balance"] - (invoice["ending_balance"] or 0)
            move_balance(unit, invoice["customer"], moved, invoice["currency"], "unapplied_from_invoice", invoice=invoice["id"])
        unit.tell(f"invoice.{name}", invoice)
        return invoice

    def _close_payment(self, unit: Unit, invoice: Obj, *, paid_at: int | None) -> None:
        if not invoice.get("_payment"):
            return
        payment = unit.get("invoice_payment", invoice["_payment"])
        intent = unit.get("payment_intent", invoice["_intent"])
        if paid_at is not None:
            payment |= {"status": "paid", "amount_paid": intent["amount_received"]}
            payment["status_transitions"]["paid_at"] = paid_at
            unit.tell("invoice_payment.paid", payment)
        elif intent["status"] != "succeeded":
            payment["status"] = "canceled"
            payment["status_transitions"]["canceled_at"] = unit.now(invoice["customer"])
            intent |= {
                "status": "canceled",
                "canceled_at": unit.now(invoice["customer"]),
                "cancellation_reason": "void_invoice",
            }
            unit.tell("payment_intent.canceled", intent)

    def _note_failure(self, unit: Unit, invoice: Obj, *, wants_owner: bool) -> None:
        invoice["attempt_count"] += 1
        invoice["attempted"] = True
        self._plan_retry(unit, invoice)
        if wants_owner:
            unit.tell("invoice.payment_action_required", invoice)
        unit.tell("invoice.payment_failed", invoice)
        unit.get("customer", invoice["customer"])["delinquent"] = True
        subscription = unit.find("subscription", invoice["_subscription"]) if invoice.get("_subscription") else None
        if subscription is None:
            return
        if subscription["status"] in {"active", "trialing"}:
            subscription["status"] = "past_due"
            unit.tell("customer.subscription.updated", subscription)
        if subscription["status"] == "past_due" and invoice["next_payment_attempt"] is None and invoice["auto_advance"]:
            self._end_of_retries(unit, subscription)

    def _plan_retry(self, unit: Unit, invoice: Obj) -> None:
        days = self.store.settings.get("retry_days", [3, 5, 7])
        again = invoice["auto_advance"] and invoice["attempt_count"] <= len(days)
        again = again and invoice["collection_method"] == "charge_automatically"
        # The first invoice of a subscription is not tried again: somebody sits before the page.
        again = again and invoice["billing_reason"] != "subscription_create"
        moment = unit.now(invoice["customer"]) + days[invoice["attempt_count"] - 1] * _DAY if again else None
        invoice |= {"next_payment_attempt": moment, "_due": moment}

    def _end_of_retries(self, unit: Unit, subscription: Obj) -> None:
        """What the account's settings say: end it, leave it unpaid, or leave it past due."""
        action = self.store.settings.get("after_retries", "unpaid")
        if action == "cancel":
            end(unit, subscription, reason="payment_failed")
        elif action == "unpaid":
            subscription["status"] = "unpaid"
            unit.tell("customer.subscription.updated", subscription)

    def _settle(self, unit: Unit, invoice: Obj) -> None:
        """A subscription that waited for this invoice is active again."""
        customer = unit.get("customer", invoice["customer"])
        if customer["delinquent"] and not any(
            each["status"] == "open" and each["attempted"] for each in unit.all("invoice", customer["id"])
        ):
            customer["delinquent"] = False
        subscription = unit.find("subscription", invoice["_subscription"]) if invoice.get("_subscription") else None
        if subscription is None or subscription["latest_invoice"] != invoice["id"]:
            return
        if subscription["status"] in _BEHIND:
            subscription["status"] = "active"
            subscription["_incomplete_until"] = None
            self._keep_card(unit, subscription, invoice)
            unit.tell("customer.subscription.updated", subscription)

    def _keep_card(self, unit: Unit, subscription: Obj, invoice: Obj) -> None:
        """`save_default_payment_method=on_subscription`: the card that paid is the subscription's from now on."""
        wants = (subscription["payment_settings"] or {}).get("save_default_payment_method") == "on_subscription"
        if wants and not subscription["default_payment_method"] and invoice.get("_intent"):
            method = unit.get("payment_intent", invoice["_intent"])["payment_method"]
            if method and unit.get("payment_method", method)["customer"] == invoice["customer"]:
                subscription["default_payment_method"] = method


def end(unit: Unit, subscription: Obj, *, reason: str = "cancellation_requested", status: str = "canceled") -> None:
    """The subscription is over; what is open of it is not collected by itself any more."""
    now = unit.now(subscription["customer"])
    subscription |= {
        "status": status,
        "canceled_at": subscription["canceled_at"] or now,
        "ended_at": now,
        "_due": None,
        "cancel_at_period_end": subscription["cancel_at_period_end"],
    }
    subscription["cancellation_details"] |= {"reason": reason}
    for invoice in unit.all("invoice", subscription["customer"]):
        if invoice.get("_subscription") == subscription["id"] and invoice["status"] in {"draft", "open"}:
            invoice |= {"auto_advance": False, "next_payment_attempt": None, "_due": None}
    unit.tell("customer.subscription.deleted" if status == "canceled" else "customer.subscription.updated", subscription)
