"""The words of billing: where a subscription stands, why it came there, and what is asked of Stripe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.actor import Actor


class State(models.TextChoices):
    """Where a subscription stands with us. Stripe's own states are another machine (`rules.standing`)."""

    TRIALING = "trialing", _("Trial")
    ACTIVE = "active", _("Active")
    PAST_DUE = "past_due", _("Payment failed")
    GRACE = "grace", _("Grace period")
    SUSPENDED = "suspended", _("Suspended")
    PAUSED = "paused", _("Paused")
    CANCELLED = "cancelled", _("Cancelled")


class CauseKind(models.TextChoices):
    """Who or what moved a subscription."""

    OWNER = "owner", _("Owner")
    OPERATOR = "operator", _("Operator")
    STRIPE = "stripe", _("Stripe")
    CLOCK = "clock", _("Clock")
    SETUP = "setup", _("Set-up")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something changes. `label` names who, or which object of Stripe's; `reason` is what people wrote."""

    kind: CauseKind
    label: str
    reason: str = ""

    @classmethod
    def of(cls, actor: Actor, reason: str = "") -> Cause:
        """That a person did it."""
        kind = CauseKind.OPERATOR if actor.kind == "operator" else CauseKind.OWNER
        return cls(kind if actor.kind != "system" else CauseKind.SETUP, actor.label, reason)


class CommandKind(models.TextChoices):
    """What can be asked of Stripe."""

    MAKE_CUSTOMER = "make_customer", _("Set up billing")
    OPEN_CHECKOUT = "open_checkout", _("Begin to pay")
    OPEN_PORTAL = "open_portal", _("Change the payment method")
    CHANGE_PLAN = "change_plan", _("Change the plan")
    CANCEL = "cancel", _("Cancel at the period's end")
    WITHDRAW_CANCELLATION = "withdraw_cancellation", _("Take the cancellation back")
    CANCEL_NOW = "cancel_now", _("Cancel at once")
    PAUSE = "pause", _("Pause")
    RESUME = "resume", _("Resume")
    GIVE_TIME = "give_time", _("Give time away")
    GIVE_CREDIT = "give_credit", _("Give credit")
    FORGET_CUSTOMER = "forget_customer", _("Delete who pays")
    CHANGE_CUSTOMER = "change_customer", _("Change who is billed")
    WRITE_INVOICE = "write_invoice", _("Write an invoice")
    MARK_INVOICE_PAID = "mark_invoice_paid", _("Mark an invoice as paid")
    VOID_INVOICE = "void_invoice", _("Void an invoice")
    CREDIT_INVOICE = "credit_invoice", _("Credit an invoice")


class TermsAct(StrEnum):
    """What became of what somebody is billed for."""

    CHANGED = "changed"
    PLANNED = "planned"
    KEPT = "kept"
    CANCELLED = "cancelled"
    TAKEN_BACK = "taken_back"


class InvoiceState(models.TextChoices):
    """By what people look for invoices. A paid one may be credited, or in dispute; an open one overdue."""

    OPEN = "open", _("Open")
    OVERDUE = "overdue", _("Overdue")
    PAID = "paid", _("Paid")
    VOID = "void", _("Void")
    UNCOLLECTIBLE = "uncollectible", _("Given up")
    DISPUTED = "disputed", _("In dispute")


class ReversalKind(models.TextChoices):
    """By whom a payment is taken back."""

    REFUND = "refund", _("Refund")
    DISPUTE = "dispute", _("Dispute")


class ReversalState(models.TextChoices):
    """What has become of that. A refund comes back where no bank takes it; a disputed payment is gone until it is won."""

    PENDING = "pending", _("On its way")
    RETURNED = "returned", _("Refunded")
    FAILED = "failed", _("Came back")
    OPEN = "open", _("In dispute")
    WON = "won", _("Dispute won")
    LOST = "lost", _("Dispute lost")


class MoneyBack(models.TextChoices):
    """How much of a paid invoice went back, in a word."""

    DISPUTED = "disputed", _("In dispute")
    LOST = "lost", _("Dispute lost")
    REFUNDED = "refunded", _("Refunded")
    PARTLY = "partly", _("Partly refunded")


class TaxStatus(models.TextChoices):
    """Whether tax is put onto what an organization is billed."""

    NONE = "none", _("As usual")
    EXEMPT = "exempt", _("Exempt")
    REVERSE = "reverse", _("Reverse charge")


class CommandState(models.TextChoices):
    """How far a command is."""

    OPEN = "open", _("Under way")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")


@dataclass(frozen=True, slots=True)
class Charged:
    """Whose use is charged: the customer at Stripe, since when, by which plan, and until when by that, where it ends."""

    customer_id: str
    since_at: datetime
    plan_code: str
    plan_version: int
    currency: str
    until_at: datetime | None = None
