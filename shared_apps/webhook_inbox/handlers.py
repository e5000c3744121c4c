"""What workers do for the inbox (config.jobs); each may run any number of times."""

from __future__ import annotations

from dataclasses import replace

from shared_apps.webhook_inbox.jobs import ApplyWebhook, ReconcileWebhooks
from shared_apps.webhook_inbox.services import apply_event, reconcile_part


def apply_webhook(job: ApplyWebhook) -> None:
    """Apply one event; one that is settled is left alone."""
    apply_event(event_id=job.event_id)


def reconcile_webhooks(job: ReconcileWebhooks) -> ReconcileWebhooks | None:
    """One part of a round, and what is to follow."""
    following = reconcile_part(slot_at=job.slot_at, part=job.part)
    return None if following is None else replace(job, part=following)
