"""The way back of who was out of service for longer than they had paid for: Stripe wants the period under way paid, too.

What it drew up meanwhile it left as drafts (its "Unpaid subscriptions": finalize and pay the most recent one). Only that one is
ever asked for, once nothing else is open: nobody pays for months in which they were not served.
"""

from __future__ import annotations

import structlog

from integrations.stripe.gateway.invoice import InvoiceStatus
from integrations.stripe.gateway.subscription import Subscription as AtStripe
from integrations.stripe.gateway.subscription import SubscriptionStatus
from kernel.errors import PermanentFailure
from shared_apps.billing.services.gateway import stripe

log = structlog.get_logger(__name__)


def ask_for_present_period(theirs: AtStripe) -> None:
    """Make the invoice of the period under way final, so that it can be paid; it charges nothing by itself.

    Its own id makes the key: a second worker, or a later round, makes final what is final. Who is unpaid costs two questions
    more.
    """
    # Who is closed is charged nothing while they are.
    if theirs.status is not SubscriptionStatus.UNPAID or theirs.pause is not None or not theirs.latest_invoice_id:
        return
    try:
        _present(theirs)
    except PermanentFailure as refusal:
        # For a person: what was to be written is written, and everybody else goes on.
        log.error("the period under way stays a draft", stripe_id=theirs.id, reason=refusal.message)  # noqa: TRY400  # it says all


def _present(theirs: AtStripe) -> None:
    gateway = stripe()
    if gateway.invoices.get(theirs.latest_invoice_id).status is not InvoiceStatus.DRAFT:
        return
    if not gateway.invoices.all(subscription_id=theirs.id, status=InvoiceStatus.OPEN):
        gateway.invoices.finalize(theirs.latest_invoice_id, idempotency_key=f"present:{theirs.latest_invoice_id}")
