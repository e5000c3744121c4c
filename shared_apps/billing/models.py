"""Who pays for an organization, its subscriptions with every move of theirs, and what was asked of Stripe.

A subscription moves only along the table in `rules.transitions`, with a row that says why: triggers refuse the rest (0002).
"""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from kernel.ids import new_id
from shared_apps.billing.types import (
    CauseKind,
    CommandKind,
    CommandState,
    ReversalKind,
    ReversalState,
    State,
    TaxStatus,
)
from shared_apps.plans.types import Interval
from tenants.models import Tenant
from tenants.stamp import ScopedModel

_CURRENCY: Final = r"^[A-Z]{3}$"
_UNCHANGING: Final = {
    CommandKind.MAKE_CUSTOMER, CommandKind.OPEN_PORTAL, CommandKind.GIVE_CREDIT, CommandKind.FORGET_CUSTOMER,
    CommandKind.CHANGE_CUSTOMER, CommandKind.WRITE_INVOICE, CommandKind.MARK_INVOICE_PAID, CommandKind.VOID_INVOICE,
    CommandKind.CREDIT_INVOICE,
}  # fmt: skip
EXCLUSIVE: Final = tuple(sorted(kind.value for kind in CommandKind if kind not in _UNCHANGING))
"""Commands that change a subscription: one at a time for an organization."""


REFUND_STATES: Final = (ReversalState.PENDING, ReversalState.RETURNED, ReversalState.FAILED)
DISPUTE_STATES: Final = (ReversalState.OPEN, ReversalState.WON, ReversalState.LOST)
OWN: Final = Q(stripe_id="")
"""Subscriptions of which Stripe knows nothing: their trials and ends are ours to tell."""


class BillingAccount(ScopedModel):
    """Who pays for an organization. `stripe_customer_id` is empty until something is first to be paid.

    `looks` counts how often something of Stripe's was written for it, changed or not: who has fetched an object before
    somebody else has written must fetch it again.
    """

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="+")
    stripe_customer_id = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=120, blank=True)
    currency = models.CharField(max_length=3)
    contacts = ArrayField(models.EmailField(), default=list, blank=True)
    # Address of `integrations.stripe.gateway.customers`; tax numbers as pairs of Stripe's word and the number.
    address = models.JSONField(default=dict, blank=True)
    tax_ids = models.JSONField(default=list, blank=True)
    tax_status = models.CharField(max_length=8, choices=TaxStatus, default=TaxStatus.NONE, db_default=TaxStatus.NONE)
    has_payment_method = models.BooleanField(default=False)
    looks = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "stripe_customer_id", condition=~Q(stripe_customer_id=""), name="billing_customer_once"
            ),
            models.CheckConstraint(condition=Q(currency__regex=_CURRENCY), name="billing_account_currency"),
        ]  # fmt: skip


class Subscription(ScopedModel):
    """What an organization is billed for. Without a `stripe_id` nothing is: a trial, or one from before there was billing.

    `revision` counts what changed. `has_suspended` says that it holds the organization out of service (`tenants.suspending`).
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=12, choices=State)
    plan_code = models.CharField(max_length=32)
    plan_version = models.PositiveIntegerField()
    interval = models.CharField(max_length=8, choices=Interval, default=Interval.MONTH)
    currency = models.CharField(max_length=3)
    # By the add-on's code, how many of which version: {"seat": [1, 3]}.
    add_ons = models.JSONField(default=dict, blank=True)
    # From when ("at") it is billed for something else, and for what (`Holding.as_columns`); empty where nothing was ordered.
    planned = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)
    stripe_id = models.CharField(max_length=255, blank=True)
    period_start_at = models.DateTimeField(null=True, blank=True)
    period_end_at = models.DateTimeField(null=True, blank=True)
    trial_ends_at = models.DateTimeField(null=True, blank=True)
    cancel_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    # Since when something is owed, and until when it can be paid before the organization is suspended.
    owing_since_at = models.DateTimeField(null=True, blank=True)
    grace_until = models.DateTimeField(null=True, blank=True)
    began_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    has_suspended = models.BooleanField(default=False)
    # Of how many of its steps the present grace was reminded (`rules.owing`).
    reminded = models.PositiveSmallIntegerField(default=0, db_default=0)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint("tenant", condition=~Q(state=State.CANCELLED), name="subscription_one_live"),
            models.UniqueConstraint("stripe_id", condition=~Q(stripe_id=""), name="subscription_stripe_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="subscription_state"),
            models.CheckConstraint(condition=Q(currency__regex=_CURRENCY), name="subscription_currency"),
            models.CheckConstraint(condition=Q(interval__in=Interval.values), name="subscription_interval"),
            models.CheckConstraint(
                condition=Q(grace_until=None) | ~Q(state__in=(State.ACTIVE, State.CANCELLED)),
                name="subscription_grace_is_of_owing",
            ),
        ]
        # Each but the first is what the clock asks for (`services.passing`): it is asked every minute.
        indexes = [
            models.Index(fields=["tenant", "-began_at"], name="subscription_of_tenant"),
            models.Index(fields=["trial_ends_at"], condition=OWN & Q(state=State.TRIALING), name="subscription_trial_ends"),
            models.Index(fields=["cancel_at"], condition=OWN & ~Q(state=State.CANCELLED), name="subscription_ends"),
            models.Index(fields=["owing_since_at"], condition=Q(state=State.PAST_DUE), name="subscription_owes"),
            models.Index(fields=["grace_until"], condition=Q(state=State.GRACE), name="subscription_grace_ends"),
        ]


class Transition(ScopedModel):
    """One move of a subscription and why. `revision` is the subscription's after it; `from_state` is empty at the beginning."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="transitions", db_index=False)
    revision = models.PositiveIntegerField()
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, choices=State)
    cause = models.CharField(max_length=8, choices=CauseKind)
    label = models.CharField(max_length=254)
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint("subscription", "revision", name="transition_once")]

    @property
    def before(self) -> State | None:
        """Where it stood; None at the beginning."""
        return State(self.from_state) if self.from_state else None


class BillingInvoice(ScopedModel):
    """An invoice as Stripe last told of it, to be listed; Stripe has the original. Amounts are minor units of `currency`.

    `is_by_hand`: a person wrote it, for no subscription, and it is paid by bank; `reference` and `paid_on` say how it was.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+", db_index=False)
    stripe_id = models.CharField(max_length=255, unique=True)
    subscription_stripe_id = models.CharField(max_length=255, blank=True)
    number = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=16)
    currency = models.CharField(max_length=3)
    total_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField()
    remaining_minor = models.BigIntegerField()
    tax_minor = models.BigIntegerField(default=0, db_default=0)
    credited_minor = models.BigIntegerField(default=0, db_default=0)
    is_by_hand = models.BooleanField(default=False, db_default=False)
    purchase_order = models.CharField(max_length=140, blank=True, default="", db_default="")
    reference = models.CharField(max_length=140, blank=True, default="", db_default="")
    paid_on = models.DateField(null=True, blank=True)
    issued_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    hosted_url = models.CharField(max_length=500, blank=True)
    pdf_url = models.CharField(max_length=500, blank=True)
    # How often Stripe has tried to charge it, when it tries again (never, where it is empty), and whether the bank waits for
    # the card's owner.
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    wants_owner = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(currency__regex=_CURRENCY), name="billing_invoice_currency"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-issued_at"], name="billing_invoice_of_tenant"),
            models.Index(fields=["-issued_at", "-id"], name="billing_invoice_newest"),
            # What the clock asks every minute.
            models.Index(fields=["due_at"], condition=Q(status="open", is_by_hand=True), name="billing_invoice_due"),
        ]


class BillingCreditNote(ScopedModel):
    """What was taken back of an invoice, as Stripe last told of it; tax included."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    invoice = models.ForeignKey(BillingInvoice, on_delete=models.CASCADE, related_name="credit_notes")
    stripe_id = models.CharField(max_length=255, unique=True)
    number = models.CharField(max_length=80)
    status = models.CharField(max_length=8)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    # What of it was given back past Stripe, by bank.
    outside_minor = models.BigIntegerField(default=0, db_default=0)
    memo = models.CharField(max_length=500, blank=True)
    pdf_url = models.CharField(max_length=500, blank=True)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(currency__regex=_CURRENCY), name="billing_credit_note_currency")]


class BillingReversal(ScopedModel):
    """One step of a payment that is taken back: a refund, or a dispute, as Stripe said of it when it was last looked at.

    What it has come to is the entry with the highest `number`; earlier ones stay, and none is ever changed (0006). `at` is from
    when it counts: of a refund its own moment, of a dispute when its state became known. `happened_at` is when it began.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+", db_index=False)
    stripe_id = models.CharField(max_length=255)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=ReversalKind)
    state = models.CharField(max_length=8, choices=ReversalState)
    charge_stripe_id = models.CharField(max_length=255)
    # By its id and not as a row: either may be told of first. Empty of a payment that was for no invoice.
    invoice_stripe_id = models.CharField(max_length=255, blank=True)
    currency = models.CharField(max_length=3)
    amount_minor = models.PositiveBigIntegerField()
    # What Stripe takes for a dispute, in the currency of the platform's balance; empty of none.
    fee_minor = models.BigIntegerField(default=0)
    fee_currency = models.CharField(max_length=3, blank=True)
    reason = models.CharField(max_length=64, blank=True)
    happened_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("stripe_id", "number", name="billing_reversal_once"),
            models.CheckConstraint(condition=Q(currency__regex=_CURRENCY), name="billing_reversal_currency"),
            models.CheckConstraint(
                condition=Q(kind=ReversalKind.REFUND, state__in=REFUND_STATES)
                | Q(kind=ReversalKind.DISPUTE, state__in=DISPUTE_STATES),
                name="billing_reversal_state",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant"], name="billing_reversal_of_tenant"),
            models.Index(fields=["invoice_stripe_id"], name="billing_reversal_of_invoice"),
            models.Index(fields=["charge_stripe_id"], name="billing_reversal_of_charge"),
        ]


class FormerMonth(ScopedModel):
    """What organizations that are erased were billed in a month, on one plan, added up: nothing says whose it was.

    Amounts are minor units of `currency`, named as in `selectors.invoicing.Billed`.
    """

    month_on = models.DateField()
    currency = models.CharField(max_length=3)
    plan_code = models.CharField(max_length=32, blank=True)
    invoices = models.BigIntegerField(default=0)
    invoiced_minor = models.BigIntegerField(default=0)
    paid_minor = models.BigIntegerField(default=0)
    open_minor = models.BigIntegerField(default=0)
    written_off_minor = models.BigIntegerField(default=0)
    voided_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0)
    outside_minor = models.BigIntegerField(default=0)
    lost_minor = models.BigIntegerField(default=0)
    fees_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint("currency", "month_on", "plan_code", name="billing_former_month_once"),
            models.CheckConstraint(condition=Q(currency__regex=_CURRENCY), name="billing_former_month_currency"),
        ]


class BillingCommand(ScopedModel):
    """Something asked of Stripe, written before it is asked (R27). Whoever asks again uses the same key.

    While it is open, `leased_until` says until when somebody is asking; after that the sweeper does.
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=24, choices=CommandKind)
    parameters = models.JSONField(default=dict)
    idempotency_key = models.CharField(max_length=255, unique=True)
    state = models.CharField(max_length=8, choices=CommandState, default=CommandState.OPEN)
    ordered_by = models.CharField(max_length=254)
    cause = models.CharField(max_length=8, choices=CauseKind)
    ordered_at = models.DateTimeField(default=timezone.now)
    first_sent_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.JSONField(default=dict, blank=True)
    failure = models.CharField(max_length=64, blank=True)
    sentence = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "tenant", condition=Q(state=CommandState.OPEN, kind__in=EXCLUSIVE), name="billing_one_change_at_once"
            ),
            # Two customers of one organization: one of them would never be used.
            models.UniqueConstraint(
                "tenant",
                condition=Q(state=CommandState.OPEN, kind=CommandKind.MAKE_CUSTOMER),
                name="billing_one_customer_at_once",
            ),
            models.CheckConstraint(
                condition=Q(state=CommandState.OPEN, settled_at=None) | ~Q(state=CommandState.OPEN) & ~Q(settled_at=None),
                name="billing_command_settled",
            ),
        ]
        indexes = [
            models.Index(fields=["leased_until"], condition=Q(state=CommandState.OPEN), name="billing_command_open"),
            models.Index(fields=["tenant", "-ordered_at"], name="billing_command_of_tenant"),
        ]
