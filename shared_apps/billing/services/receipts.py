"""Lets be told that an invoice was paid, or could not be. In the transaction that keeps what it says; each of it once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from kernel.events import publish
from shared_apps.billing.events import InvoicePaid, PaymentFailed
from shared_apps.billing.models import BillingInvoice

_PAID: Final = "paid"
_OF_A_PERIOD: Final = frozenset({"subscription_cycle", "subscription_threshold"})
"""What Stripe takes by itself: of what fails on a page, or while a plan is changed, that page tells."""
_OF_A_CHANGE: Final = "subscription_update"
_NEWS_FOR: Final = timedelta(days=3)
"""What was paid longer ago is found by a comparison, and is none any more."""


def publish_payment(kept: BillingInvoice, *, status: str, attempts: int, reason: str, now: datetime) -> None:
    """Publish what is new about paying it: by the `status` and `attempts` before, of which there is one writer at a time."""
    if kept.status == _PAID != status and kept.paid_minor and kept.paid_at and now - kept.paid_at < _NEWS_FOR:
        publish(InvoicePaid(invoice_id=kept.stripe_id, is_for_change=reason == _OF_A_CHANGE))
    has_failed = kept.status == "open" and kept.remaining_minor > 0 and kept.attempts > attempts
    if has_failed and reason in _OF_A_PERIOD:
        publish(PaymentFailed(invoice_id=kept.stripe_id, attempt=kept.attempts))
