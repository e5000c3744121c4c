"""Forgets what nobody needs any more: bodies after 90 days, what was ignored after 30, and old rounds."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from kernel import clock
from kernel.deleting import delete_in_batches
from shared_apps.webhook_inbox.models import ReconcileRound, WebhookEvent
from shared_apps.webhook_inbox.types import IGNORED_KEPT, PAYLOADS_KEPT, EventState

_AT_ONCE: Final = 1000


def forget_old_webhooks(*, now: datetime | None = None) -> int:
    """Tells how many bodies and rows went. May be called again."""
    moment = now or clock.now()
    ignored = WebhookEvent.objects.filter(state=EventState.IGNORED, received_at__lt=moment - IGNORED_KEPT)
    rounds = ReconcileRound.objects.filter(slot_at__lt=moment - IGNORED_KEPT)
    gone = delete_in_batches(ignored.order_by("pk")) + delete_in_batches(rounds.order_by("pk"))
    return gone + _strip_bodies(moment - PAYLOADS_KEPT)


def _strip_bodies(older_than: datetime) -> int:
    stripped = 0
    while True:
        old = WebhookEvent.objects.filter(received_at__lt=older_than, payload__isnull=False).order_by("pk")
        count = WebhookEvent.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_AT_ONCE])).update(payload=None)
        stripped += count
        if count < _AT_ONCE:
            return stripped
