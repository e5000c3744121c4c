"""Compares both sides (R32): what Stripe has and is unknown here, or known otherwise, is applied; and what only we believe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

import structlog
from django.db.models import Q

from integrations.stripe import clock
from integrations.stripe.gateway.invoice import Invoice, InvoiceStatus
from shared_apps.billing.errors import SecondSubscription, SubscriptionChanged
from shared_apps.billing.models import BillingAccount, BillingInvoice, Subscription
from shared_apps.billing.services.applying import apply_invoice, apply_subscription
from shared_apps.billing.services.gateway import stripe
from shared_apps.billing.services.metered import follow_plans
from shared_apps.billing.types import State
from shared_apps.webhook_inbox.errors import NobodysObject
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)
INVOICES_BACK: Final = timedelta(days=35)
"""For longer than Stripe's own list of events goes back: what no webhook and no event tells of any more."""

type Facts = tuple[str, int, int, int, int]


def reconcile() -> int:
    """Put right what differs of subscriptions and of invoices, in both directions; how many were not as they should be."""
    return _subscriptions() + _invoices()


def _subscriptions() -> int:
    """Apply every one that Stripe has, and every one that ours says it has; then its metered items follow its plan."""
    listed = stripe().subscriptions.all()
    theirs = {each.id for each in listed}
    with platform_scope(reason="reconcile subscriptions"):
        live = Subscription.objects.exclude(stripe_id="").exclude(state=State.CANCELLED)
        ours = set(live.values_list("stripe_id", flat=True))
    wrong = sum(_was_wrong(stripe_id, apply_subscription, _revision_of) for stripe_id in sorted(theirs | ours))
    return wrong + follow_plans(listed)


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


def _facts_of(which: Q) -> Mapping[str, Facts]:
    columns = ("stripe_id", "status", "total_minor", "paid_minor", "remaining_minor", "credited_minor")
    rows = BillingInvoice.objects.filter(which).values_list(*columns)
    return {stripe_id: (status, *amounts) for stripe_id, status, *amounts in rows}


def _facts(theirs: Invoice) -> Facts:
    credited = theirs.credited_before_payment + theirs.credited_after_payment
    amounts = (theirs.total, theirs.amount_paid, theirs.amount_remaining, credited)
    total, paid, remaining, back = (amount.amount_minor for amount in amounts)
    return theirs.status.value, total, paid, remaining, back
