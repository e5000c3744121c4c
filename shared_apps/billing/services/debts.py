"""Invoices that people wrote and nobody has paid: their days pass as those of a failed payment do, and payment ends it.

Who is billed by Stripe as well is brought where both say (`rules.standing.with_debts`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet

from shared_apps.billing.errors import SubscriptionChanged
from shared_apps.billing.models import BillingInvoice, Subscription
from shared_apps.billing.rules.owing import owing_columns
from shared_apps.billing.selectors import live_subscription
from shared_apps.billing.services.moving import move
from shared_apps.billing.types import Cause, CauseKind, State
from tenants.scope import platform_scope
from tenants.types import TenantStatus

log = structlog.get_logger(__name__)
AT_ONCE: Final = 200
_OWING: Final = (State.PAST_DUE, State.GRACE, State.SUSPENDED)
_SERVED: Final = (State.TRIALING, State.ACTIVE)
_GONE: Final = (TenantStatus.CLOSING, TenantStatus.ERASED)


def overdue_by_hand(now: datetime) -> QuerySet[BillingInvoice]:
    """Invoices written by hand that should have been paid by now, by a small index of their own."""
    return BillingInvoice.objects.filter(is_by_hand=True, status="open", remaining_minor__gt=0, due_at__lte=now)


def owes_by_hand(tenant_id: UUID, now: datetime) -> bool:
    """Whether an organization has one."""
    return overdue_by_hand(now).filter(tenant_id=tenant_id).exists()


def note_overdue(now: datetime) -> int:
    """Let those owe who stood well, and whose invoice is overdue; how many. Twice: once."""
    return sum(_let_owe(subscription, now) for subscription in _newly_owing(now))


def settle_debt(invoice: BillingInvoice, *, now: datetime) -> None:
    """Bring who owed back, once an invoice written by hand is paid, or is none any more. In the transaction that wrote it.

    For who is billed by Stripe its own answer decides, which is asked for next; who is not has paid with this.
    """
    if not invoice.is_by_hand or invoice.status == "open" or owes_by_hand(invoice.tenant_id, now):
        return
    ours = live_subscription(invoice.tenant_id)
    if ours is None or ours.stripe_id or ours.state not in _OWING or not _was_for(invoice, ours):
        return
    is_trial = ours.trial_ends_at is not None and ours.trial_ends_at > now
    to = State.TRIALING if is_trial else State.ACTIVE
    columns = owing_columns(to, ours.owing_since_at, ours.grace_until, now)
    move(ours, to, cause=Cause(CauseKind.STRIPE, invoice.stripe_id, f"invoice {invoice.number}"), **columns)


def _was_for(invoice: BillingInvoice, ours: Subscription) -> bool:
    """Whoever has paid one has found their way to pay; what was voided brings back only who owed since it was due."""
    if invoice.status == "paid":
        return invoice.total_minor > invoice.credited_minor or _was_due(invoice, ours)
    return invoice.status == "void" and _was_due(invoice, ours)


def _was_due(invoice: BillingInvoice, ours: Subscription) -> bool:
    since = ours.owing_since_at
    return invoice.due_at is not None and since is not None and invoice.due_at <= since


def _newly_owing(now: datetime) -> Iterator[Subscription]:
    with platform_scope(reason="whose invoice is overdue"):
        owing = overdue_by_hand(now).values("tenant_id")
        rows = Subscription.objects.filter(tenant_id__in=owing, state__in=_SERVED).exclude(tenant__status__in=_GONE)
        found = list(rows.order_by("pk")[:AT_ONCE])
    yield from found


def _let_owe(subscription: Subscription, now: datetime) -> bool:
    try:
        with platform_scope(reason="an invoice is overdue"), transaction.atomic():
            # Held, so that a payment that comes at this moment waits, and then finds that it has to bring them back.
            rows = overdue_by_hand(now).filter(tenant_id=subscription.tenant_id).order_by("due_at", "pk")
            invoice = rows.select_for_update().first()
            if invoice is None:
                return False
            columns = owing_columns(State.PAST_DUE, None, None, now)
            cause = Cause(CauseKind.CLOCK, "clock", f"invoice {invoice.number} overdue")
            move(subscription, State.PAST_DUE, cause=cause, **columns)
    except SubscriptionChanged:
        return False
    except Exception:  # one organization's trouble is not the others'
        log.exception("subscription not moved for an invoice", subscription=str(subscription.public_id))
        return False
    return True
