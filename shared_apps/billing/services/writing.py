"""A fetched subscription becomes columns of ours, moves along the table, and what the organization is given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import structlog

from integrations.stripe import clock
from integrations.stripe.gateway.credit_notes import CreditNote
from integrations.stripe.gateway.invoice import Collection, Invoice, InvoiceStatus
from integrations.stripe.gateway.subscription import Subscription as AtStripe
from integrations.stripe.gateway.subscription import SubscriptionStatus
from shared_apps.billing.errors import SecondSubscription
from shared_apps.billing.models import BillingAccount, BillingCreditNote, BillingInvoice, Subscription
from shared_apps.billing.rules.holding import gives_from
from shared_apps.billing.rules.owing import owing_columns
from shared_apps.billing.rules.standing import has_begun, standing, way, with_debts
from shared_apps.billing.selectors import live_subscription
from shared_apps.billing.services.causes import cause_of_move
from shared_apps.billing.services.debts import owes_by_hand, settle_debt
from shared_apps.billing.services.marks import PAID_ON, REFERENCE
from shared_apps.billing.services.moving import change, move, note_move, serve_again
from shared_apps.billing.services.receipts import publish_payment
from shared_apps.billing.services.trials import is_end_to_tell, note_trial_end
from shared_apps.billing.services.watching import tell_of_payment
from shared_apps.billing.types import Cause, CauseKind, State
from shared_apps.plans.selectors import prices_by_id
from shared_apps.plans.services import follow_subscription

_WORDS: Final = 500
log = structlog.get_logger(__name__)


def write_subscription(tenant_id: UUID, theirs: AtStripe) -> None:
    """Bring ours to what Stripe's says. In the transaction that holds the account's row.

    Raises:
        SecondSubscription: another live one of the organization's is billed.
    """
    if not has_begun(theirs):
        return
    ours = Subscription.objects.filter(stripe_id=theirs.id).first() or live_subscription(tenant_id)
    has_ended = theirs.status is SubscriptionStatus.CANCELED
    if ours is None:
        if has_ended:
            return
        ours = _begin(tenant_id, theirs)
    if ours.stripe_id not in ("", theirs.id) or (not ours.stripe_id and has_ended):
        if has_ended:
            return
        raise SecondSubscription(f"{theirs.id} is billed beside {ours.stripe_id}", code="billing_second")
    if ours.state != State.CANCELLED:
        _bring(ours, theirs)


def write_invoice(account: BillingAccount, told: tuple[Invoice, bool]) -> None:
    """Keep what an invoice says; not of a draft, which may still become anything. Whoever owed for it owes no more.

    With it comes whether the bank waits for its card's owner. In the transaction that holds the account's row.
    """
    theirs, wants_owner = told
    if theirs.status is InvoiceStatus.DRAFT:
        return
    facts = {**_facts(account, theirs), "wants_owner": wants_owner}
    # Whoever writes holds the account's row: nobody else makes it in between.
    rows = BillingInvoice.objects.filter(stripe_id=theirs.id)
    before = rows.values_list("status", "attempts").first()
    if before is None or not rows.update(**facts):
        BillingInvoice.objects.create(stripe_id=theirs.id, **facts)
    kept = BillingInvoice(stripe_id=theirs.id, **facts)
    status, attempts = before or ("", 0)
    publish_payment(kept, status=status, attempts=attempts, reason=theirs.reason, now=clock.now())
    settle_debt(kept, now=clock.now())
    if facts["paid_minor"] > 0:
        tell_of_payment(theirs.subscription_id)


def _facts(account: BillingAccount, theirs: Invoice) -> dict[str, Any]:  # Any: columns of the row
    return {
        "tenant_id": account.tenant_id,
        "subscription_stripe_id": theirs.subscription_id,
        "number": theirs.number,
        "status": theirs.status.value,
        "currency": theirs.currency,
        "total_minor": theirs.total.amount_minor,
        "paid_minor": theirs.amount_paid.amount_minor,
        "remaining_minor": theirs.amount_remaining.amount_minor,
        "issued_at": theirs.finalized_at or theirs.created_at,
        "due_at": theirs.due_at,
        "paid_at": theirs.paid_at,
        "hosted_url": theirs.hosted_url,
        "pdf_url": theirs.pdf_url,
        "tax_minor": theirs.tax.amount_minor,
        "credited_minor": (theirs.credited_before_payment + theirs.credited_after_payment).amount_minor,
        "is_by_hand": theirs.collection is Collection.BY_CUSTOMER and not theirs.subscription_id,
        "purchase_order": theirs.purchase_order,
        "reference": theirs.metadata.get(REFERENCE, ""),
        "paid_on": _day(theirs.metadata.get(PAID_ON, "")),
        "attempts": theirs.attempt_count,
        "next_attempt_at": theirs.next_attempt_at,
    }


def _day(text: str) -> date | None:
    """A day that was written there by us, or by anybody."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def write_credit_notes(account: BillingAccount, theirs: Sequence[CreditNote]) -> None:
    """Keep what was credited of an invoice that is kept."""
    for note in theirs:
        invoice = BillingInvoice.objects.filter(stripe_id=note.invoice_id).first()
        if invoice is None:
            continue
        facts = {
            "tenant_id": account.tenant_id,
            "invoice": invoice,
            "number": note.number,
            "status": note.status.value,
            "currency": note.total.currency,
            "amount_minor": note.total.amount_minor,
            "outside_minor": note.outside_of_stripe.amount_minor,
            "memo": note.memo,
            "pdf_url": note.pdf_url,
            "issued_at": note.created_at,
        }
        BillingCreditNote.objects.update_or_create(stripe_id=note.id, defaults=facts)


def _bring(ours: Subscription, theirs: AtStripe) -> None:
    before, now = ours, clock.now()
    facts, steps = _columns(theirs), _steps(ours, theirs, now)
    if theirs.status is SubscriptionStatus.TRIALING and theirs.trial_end != ours.trial_ends_at:
        # Another end of a trial is told anew.
        facts["reminded"] = 0
    for step in steps:
        columns = {**facts, **owing_columns(step, ours.owing_since_at, ours.grace_until, now)}
        ours = move(ours, step, cause=cause_of_move(ours, theirs, step), **columns)
    if not steps:
        changed = {name: value for name, value in facts.items() if getattr(ours, name) != value}
        ours = change(ours, **changed) if changed else ours
    note_trial_end(ours, now)
    if _is_given_otherwise(before, ours):
        follow_subscription(
            tenant_id=ours.tenant_id,
            plan_code=ours.plan_code,
            number=ours.plan_version,
            add_ons={code: (number, quantity) for code, (number, quantity) in ours.add_ons.items()},
        )


def is_written(ours: Subscription, theirs: AtStripe) -> bool:
    """Whether ours stands where Stripe's does already, so that `write_subscription` would change nothing (three queries)."""
    if ours.state == State.CANCELLED or not has_begun(theirs):
        return True
    facts, now = _columns(theirs), clock.now()
    if _steps(ours, theirs, now) or is_end_to_tell(ours, now):
        return False
    return all(getattr(ours, name) == value for name, value in facts.items())


def _steps(ours: Subscription, theirs: AtStripe, now: datetime) -> tuple[State, ...]:
    """The moves that bring ours to where Stripe's stands."""
    before = State(ours.state)
    after = with_debts(standing(theirs, before), before, owes=owes_by_hand(ours.tenant_id, now))
    return way(before, after) if after != before else ()


def _is_given_otherwise(before: Subscription, after: Subscription) -> bool:
    names = ("plan_code", "plan_version", "add_ons", "stripe_id")
    return any(getattr(before, name) != getattr(after, name) for name in names)


def _columns(theirs: AtStripe) -> dict[str, Any]:  # Any: columns of the row
    return {
        **_given(theirs),
        "stripe_id": theirs.id,
        "currency": theirs.currency,
        "period_start_at": theirs.period_start,
        "period_end_at": theirs.period_end,
        "trial_ends_at": theirs.trial_end,
        "cancel_at": _cancel_at(theirs),
        "cancel_reason": theirs.cancellation_comment[:_WORDS] if _cancel_at(theirs) or theirs.ended_at else "",
        "ended_at": theirs.ended_at,
    }


def _cancel_at(theirs: AtStripe) -> datetime | None:
    return theirs.cancel_at or (theirs.period_end if theirs.is_cancelled_at_period_end else None)


def _given(theirs: AtStripe) -> dict[str, Any]:  # Any: as above
    """What it is billed for now; what its items say is only planned, where it was ordered for the end of what is paid for."""
    bought = _bought(theirs)
    at = gives_from(theirs.metadata, theirs.period_start)
    if at is None:
        return {**bought, "planned": {}}
    return {"planned": {**bought, "at": at.isoformat()} if bought else {}}


def _bought(theirs: AtStripe) -> dict[str, Any]:  # Any: as above
    """Plan, version, interval and add-ons by the items' prices; nothing of them where one is not ours."""
    names = prices_by_id([item.price_id for item in theirs.items])
    unknown = [item.price_id for item in theirs.items if item.price_id not in names]
    if unknown or not names:
        log.warning("prices at Stripe that are none of ours", subscription=theirs.id, prices=unknown)
        return {}
    named = [(names[item.price_id], item.quantity or 1) for item in theirs.items if not names[item.price_id].quota]
    plan = next((name for name, _quantity in named if not name.is_add_on), None)
    if plan is None:
        return {}
    add_ons = {name.plan_code: [name.number, quantity] for name, quantity in named if name.is_add_on}
    return {
        "plan_code": plan.plan_code,
        "plan_version": plan.number,
        "interval": plan.interval.value,
        "add_ons": add_ons,
    }


def _begin(tenant_id: UUID, theirs: AtStripe) -> Subscription:
    """Another one for who had cancelled the last."""
    state = State.TRIALING if theirs.status is SubscriptionStatus.TRIALING else State.ACTIVE
    bought = {"plan_code": "", "plan_version": 1, **_bought(theirs)}
    facts = {"currency": theirs.currency, "began_at": theirs.created_at, **bought}
    made = Subscription.objects.create(tenant_id=tenant_id, state=state, **facts)
    note_move(made, before=None, cause=Cause(CauseKind.STRIPE, theirs.id))
    serve_again(tenant_id)
    return made
