"""Compares both sides (R32): what Stripe has and is unknown here, or known otherwise, is applied; and what only we believe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

import structlog
from django.db.models import Q

from integrations.stripe import clock
from integrations.stripe.gateway.credit_notes import CreditNote
from integrations.stripe.gateway.invoice import Invoice, InvoiceStatus
from integrations.stripe.gateway.subscription import Subscription as AtStripe
from integrations.stripe.gateway.subscription import SubscriptionStatus
from shared_apps.billing.errors import SecondSubscription, SubscriptionChanged
from shared_apps.billing.models import BillingAccount, BillingCreditNote, BillingInvoice, BillingReversal, Subscription
from shared_apps.billing.rules.reversals import UNSETTLED
from shared_apps.billing.selectors import last_reversals
from shared_apps.billing.services.applying import apply_charge, apply_invoice, apply_subscription
from shared_apps.billing.services.gateway import stripe
from shared_apps.billing.services.metered import follow_plans
from shared_apps.billing.services.reversing import facts_of_row, of_dispute, of_refund
from shared_apps.billing.services.writing import is_written
from shared_apps.billing.types import State
from shared_apps.webhook_inbox.errors import NobodysObject
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)
INVOICES_BACK: Final = timedelta(days=35)
"""For longer than Stripe's own list of events goes back: what no webhook and no event tells of any more."""

_OF_NOTES: Final = ("stripe_id", "status", "amount_minor", "outside_minor")

type Facts = tuple[str, int, int, int, int]


def reconcile() -> int:
    """Put right what differs of subscriptions, invoices and reversals, in both directions; how many were wrong."""
    return _subscriptions() + _invoices() + _credit_notes() + _reversals()


def _subscriptions() -> int:
    """Apply those that differ, in Stripe's list or here, and those that ours says it has and Stripe does not list; then the
    metered items follow their plans.

    Stripe is asked page by page, and for one by itself only where something is to be put right.
    """
    listed = stripe().subscriptions.all()
    with platform_scope(reason="reconcile subscriptions"):
        live = Subscription.objects.exclude(stripe_id="").exclude(state=State.CANCELLED)
        ours = {each.stripe_id: each for each in live | Subscription.objects.filter(stripe_id__in=[each.id for each in listed])}
        differ = {each.id for each in listed if not _stands(ours.get(each.id), each)}
    missing = {each.stripe_id for each in ours.values() if each.state != State.CANCELLED} - {each.id for each in listed}
    wrong = sum(_was_wrong(stripe_id, apply_subscription, _revision_of) for stripe_id in sorted(differ | missing))
    return wrong + follow_plans(listed)


def _stands(ours: Subscription | None, theirs: AtStripe) -> bool:
    """Whether there is nothing to do about it. What has ended unseen never was one of ours.

    Who is unpaid may have an invoice yet to be made final (`presenting`), which no column of ours tells.
    """
    if theirs.status is SubscriptionStatus.UNPAID:
        return False
    return theirs.status is SubscriptionStatus.CANCELED if ours is None else is_written(ours, theirs)


def _invoices() -> int:
    """Apply those of the last weeks that differ, and each one, however old, that is open here."""
    listed = stripe().invoices.all(created_from=clock.now() - INVOICES_BACK)
    theirs = {each.id: each for each in listed if each.status is not InvoiceStatus.DRAFT}
    with platform_scope(reason="reconcile invoices"):
        known = set(BillingAccount.objects.exclude(stripe_customer_id="").values_list("stripe_customer_id", flat=True))
        ours = _facts_of(Q(stripe_id__in=theirs) | Q(status=InvoiceStatus.OPEN.value))
    differ = {each.id for each in theirs.values() if each.customer_id in known and ours.get(each.id) != _facts(each)}
    return sum(
        _was_wrong(stripe_id, apply_invoice, _invoice_of) for stripe_id in sorted(differ | (ours.keys() - theirs.keys()))
    )


def _credit_notes() -> int:
    """Apply the invoices, however old, of which something was credited in the last weeks that is not known here."""
    listed = stripe().credit_notes.all(created_from=clock.now() - INVOICES_BACK)
    with platform_scope(reason="reconcile credit notes"):
        known = set(BillingAccount.objects.exclude(stripe_customer_id="").values_list("stripe_customer_id", flat=True))
        ours = set(BillingCreditNote.objects.filter(stripe_id__in=[each.id for each in listed]).values_list(*_OF_NOTES))
    missing = {each.invoice_id for each in listed if each.customer_id in known and _note(each) not in ours}
    return sum(_was_wrong(stripe_id, apply_invoice, _notes_of) for stripe_id in sorted(missing))


def _reversals() -> int:
    """Apply the charges with a refund or a dispute of the last weeks that differs, and those that were not settled here."""
    since = clock.now() - INVOICES_BACK
    listed = [
        *(of_refund(each) for each in stripe().reversals.refunds(created_from=since)),
        *(of_dispute(each) for each in stripe().reversals.disputes(created_from=since)),
    ]
    with platform_scope(reason="reconcile reversals"):
        rows = last_reversals(Q(stripe_id__in=[each.stripe_id for each in listed]))
        ours = {row.stripe_id: facts_of_row(row) for row in rows}
        unsettled = last_reversals(Q(state__in=UNSETTLED))
    differ = {each.charge_id for each in listed if _without_invoice(ours.get(each.stripe_id)) != _without_invoice(each.facts)}
    charges = differ | {row.charge_stripe_id for row in unsettled}
    return sum(_was_wrong(charge_id, apply_charge, _reversals_of) for charge_id in sorted(charges - {""}))


def _was_wrong(stripe_id: str, put_right: Callable[[str], object], facts_of: Callable[[str], object]) -> bool:
    before = facts_of(stripe_id)
    try:
        put_right(stripe_id)
    except (NobodysObject, SubscriptionChanged):
        # Nobody's; or somebody moved it meanwhile, and the next round compares it again.
        return False
    except SecondSubscription as error:
        # For a person; the others' are still compared.
        log.error("two subscriptions of one organization", stripe_id=stripe_id, reason=error.message)  # noqa: TRY400  # it says all
        return False
    return facts_of(stripe_id) != before


def _revision_of(stripe_id: str) -> int | None:
    with platform_scope(reason="revision of a subscription"):
        return Subscription.objects.filter(stripe_id=stripe_id).values_list("revision", flat=True).first()


def _invoice_of(stripe_id: str) -> Facts | None:
    with platform_scope(reason="facts of an invoice"):
        return _facts_of(Q(stripe_id=stripe_id)).get(stripe_id)


def _note(theirs: CreditNote) -> tuple[str, str, int, int]:
    return theirs.id, theirs.status.value, theirs.total.amount_minor, theirs.outside_of_stripe.amount_minor


def _notes_of(invoice_id: str) -> set[tuple[object, ...]]:
    with platform_scope(reason="credit notes of an invoice"):
        return set(BillingCreditNote.objects.filter(invoice__stripe_id=invoice_id).values_list(*_OF_NOTES))


def _reversals_of(charge_id: str) -> int:
    with platform_scope(reason="reversals of a charge"):
        return BillingReversal.objects.filter(charge_stripe_id=charge_id).count()


def _without_invoice(facts: tuple[object, ...] | None) -> tuple[object, ...] | None:
    """Of which invoice it is a list does not tell."""
    return facts and (facts[0], *facts[2:])


def _facts_of(which: Q) -> Mapping[str, Facts]:
    columns = ("stripe_id", "status", "total_minor", "paid_minor", "remaining_minor", "credited_minor")
    rows = BillingInvoice.objects.filter(which).values_list(*columns)
    return {stripe_id: (status, *amounts) for stripe_id, status, *amounts in rows}


def _facts(theirs: Invoice) -> Facts:
    credited = theirs.credited_before_payment + theirs.credited_after_payment
    amounts = (theirs.total, theirs.amount_paid, theirs.amount_remaining, credited)
    total, paid, remaining, back = (amount.amount_minor for amount in amounts)
    return theirs.status.value, total, paid, remaining, back
