"""What time does: trials end, periods turn, drafts become final, payments are tried again, sessions close."""

from __future__ import annotations

from collections.abc import Callable

from integrations.stripe.fake.billing.collecting import Collector, end
from integrations.stripe.fake.billing.cycles import (
    cycle_invoice,
    leave_as_draft,
    next_end,
    period_of,
    plan_next,
    set_period,
)
from integrations.stripe.fake.refusals import Obj
from integrations.stripe.fake.resources.subscriptions import final_invoice
from integrations.stripe.fake.unit import Unit


class Passing:
    """One due thing at a time, at its own moment."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._by_kind: dict[str, Callable[[Unit, Obj], None]] = {
            "subscription": self._subscription,
            "invoice": self._invoice,
            "checkout.session": _session,
        }

    def pass_over(self, unit: Unit, kind: str, object_id: str) -> None:
        """Do what is due for the object."""
        due = unit.find(kind, object_id)
        if due is not None and not due.get("deleted"):
            due["_due"] = None
            self._by_kind[kind](unit, due)

    def _subscription(self, unit: Unit, subscription: Obj) -> None:
        now = unit.now(subscription["customer"])
        pause = subscription["pause_collection"]
        if pause and pause["resumes_at"] and pause["resumes_at"] <= now:
            subscription["pause_collection"] = None
        if subscription["status"] == "incomplete":
            self._expire(unit, subscription, now)
        elif subscription["cancel_at"] and subscription["cancel_at"] <= now:
            self._end(unit, subscription)
        elif period_of(subscription)[1] <= now:
            self._turn(unit, subscription)
        elif subscription["status"] == "trialing" and not subscription["_told_of_end"]:
            subscription["_told_of_end"] = True
            unit.tell("customer.subscription.trial_will_end", subscription)
        plan_next(subscription)
        unit.tell("customer.subscription.updated", subscription)

    def _expire(self, unit: Unit, subscription: Obj, now: int) -> None:
        if (subscription["_incomplete_until"] or 0) > now:
            return
        invoice = unit.get("invoice", subscription["latest_invoice"])
        subscription["_incomplete_until"] = None
        if invoice["status"] == "open":
            self._collector.give_up(unit, invoice, "void")
        end(unit, subscription, reason="payment_failed", status="incomplete_expired")

    def _end(self, unit: Unit, subscription: Obj) -> None:
        end(unit, subscription)
        final_invoice(unit, self._collector, subscription)

    def _turn(self, unit: Unit, subscription: Obj) -> None:
        """From one period to the next."""
        if subscription["status"] == "trialing":
            if self._sleeps(unit, subscription):
                return
            subscription["status"] = "active"
        over = period_of(subscription)
        begun = (over[1], next_end(subscription, over[1]))
        set_period(subscription, *begun)
        invoice = cycle_invoice(unit, subscription, over=over, begun=begun)
        subscription["latest_invoice"] = invoice["id"]
        unit.tell("invoice.created", invoice)
        self._plan_collection(unit, subscription, invoice)

    def _sleeps(self, unit: Unit, subscription: Obj) -> bool:
        """A trial is over and there is no card: what the subscription wanted for that."""
        behavior = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
        customer = unit.get("customer", subscription["customer"])
        has_card = subscription["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]
        if has_card or behavior == "create_invoice" or subscription["collection_method"] == "send_invoice":
            return False
        if behavior == "cancel":
            end(unit, subscription, reason="payment_failed")
            return True
        subscription["status"] = "paused"
        paused = {"type": "subscription", "subscription": {"type": "trial_end_without_payment_method"}}
        subscription["status_details"] = {"paused": paused | {"transitioned_at": unit.now(subscription["customer"])}}
        unit.tell("customer.subscription.paused", subscription)
        return True

    def _plan_collection(self, unit: Unit, subscription: Obj, invoice: Obj) -> None:
        pause = subscription["pause_collection"]
        if subscription["status"] == "unpaid" or (pause and pause["behavior"] == "keep_as_draft"):
            invoice["auto_advance"] = False
            return
        if pause:
            invoice["_give_up"] = {"void": "void", "mark_uncollectible": "uncollectible"}[pause["behavior"]]
        leave_as_draft(unit, invoice)

    def _invoice(self, unit: Unit, invoice: Obj) -> None:
        if invoice["status"] == "draft":
            self._collector.finalize(unit, invoice)
            if invoice["status"] == "open" and invoice.get("_give_up"):
                self._collector.give_up(unit, invoice, invoice["_give_up"])
                return
        elif invoice["collection_method"] == "send_invoice":
            self._overdue(unit, invoice)
            return
        if invoice["status"] == "open" and invoice["collection_method"] == "charge_automatically" and invoice["auto_advance"]:
            self._collector.attempt(unit, invoice)

    def _overdue(self, unit: Unit, invoice: Obj) -> None:
        unit.tell("invoice.overdue", invoice)
        subscription = unit.find("subscription", invoice["_subscription"]) if invoice["_subscription"] else None
        if subscription is not None and subscription["status"] == "active":
            subscription["status"] = "past_due"
            unit.tell("customer.subscription.updated", subscription)


def _session(unit: Unit, session: Obj) -> None:
    if session["status"] == "open":
        session |= {"status": "expired", "url": None}
        unit.tell("checkout.session.expired", session)
