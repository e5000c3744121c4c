"""Forgets what nobody needs any more: what was ignored after 30 days, bodies after 90, what was applied after 180."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection

from kernel import clock
from kernel.deleting import delete_in_batches
from shared_apps.webhook_inbox.models import ReconcileRound, WebhookEvent
from shared_apps.webhook_inbox.types import APPLIED_KEPT, IGNORED_KEPT, PAYLOADS_KEPT, EventState

_AT_ONCE: Final = 1000
_FORGET: Final = """
    WITH chosen AS (
        SELECT id FROM webhook_inbox_webhookevent WHERE state = %(state)s AND received_at < %(before)s
        ORDER BY received_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ),
    gone AS (
        DELETE FROM webhook_inbox_webhookevent event USING chosen WHERE event.id = chosen.id
        RETURNING event.type, date_trunc('month', event.received_at AT TIME ZONE 'UTC')::date AS month_on
    ),
    counted AS (
        INSERT INTO webhook_inbox_forgottenevents (month_on, type, count)
        SELECT month_on, type, count(*) FROM gone GROUP BY month_on, type
        ON CONFLICT (month_on, type) DO UPDATE SET count = webhook_inbox_forgottenevents.count + excluded.count
    )
    SELECT count(*) FROM gone
"""


def forget_old_webhooks(*, now: datetime | None = None) -> int:
    """Tells how many bodies and rows went. May be called again."""
    moment = now or clock.now()
    ignored = WebhookEvent.objects.filter(state=EventState.IGNORED, received_at__lt=moment - IGNORED_KEPT)
    rounds = ReconcileRound.objects.filter(slot_at__lt=moment - IGNORED_KEPT)
    gone = delete_in_batches(ignored.order_by("pk")) + delete_in_batches(rounds.order_by("pk"))
    return gone + _count_and_delete(moment - APPLIED_KEPT) + _strip_bodies(moment - PAYLOADS_KEPT)


def _count_and_delete(older_than: datetime) -> int:
    """Let go of applied events and keep their number, by one statement: whoever is killed has done both or neither."""
    forgotten = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_FORGET, {"state": EventState.APPLIED.value, "before": older_than, "most": _AT_ONCE})
            count = int(cursor.fetchone()[0])
        forgotten += count
        if count < _AT_ONCE:
            return forgotten


def _strip_bodies(older_than: datetime) -> int:
    stripped = 0
    while True:
        old = WebhookEvent.objects.filter(received_at__lt=older_than, payload__isnull=False).order_by("pk")
        count = WebhookEvent.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_AT_ONCE])).update(payload=None)
        stripped += count
        if count < _AT_ONCE:
            return stripped
