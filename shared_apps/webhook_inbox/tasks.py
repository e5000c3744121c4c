"""What is done again and again (config.schedule)."""

from __future__ import annotations

from celery import shared_task

from shared_apps.webhook_inbox.services import begin_round
from shared_apps.webhook_inbox.services import forget_old_webhooks as _forget_old_webhooks


@shared_task(name="webhooks.reconcile")  # type: ignore[untyped-decorator]  # Celery is untyped
def begin_reconciling() -> None:
    """Let a worker compare with Stripe; once in ten minutes, however often it is asked."""
    begin_round()


@shared_task(name="webhooks.forget")  # type: ignore[untyped-decorator]  # Celery is untyped
def forget_old_webhooks() -> None:
    """Drop bodies and rows that are too old; once a day."""
    _forget_old_webhooks()
