"""Takes an event in: the signature is looked at, one row is written, a worker is woken. Nothing is done about it here."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final, Literal

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from redis.exceptions import RedisError

from integrations.stripe import StripeEvent, read_event
from integrations.stripe.errors import WebhookRefused
from kernel import clock
from kernel.breaker import Breaker
from kernel.db import insert_or_none, insertion_of
from kernel.jobs import asked_for, enqueue
from shared_apps.webhook_inbox.appliers import registry
from shared_apps.webhook_inbox.jobs import ApplyWebhook
from shared_apps.webhook_inbox.models import WebhookEvent
from shared_apps.webhook_inbox.rules import counter_name, customer_in, job_key, kind_of, storable, subject_of
from shared_apps.webhook_inbox.types import LONGEST_ID, LONGEST_TYPE, EventState, Reason, Received, Subject

_log = logging.getLogger(__name__)
_LIVE_KEYS: Final = ("sk_live_", "rk_live_")
COUNTS_KEPT_SECONDS: Final = 8 * 86_400
_redis: Final = Breaker(5)


def receive_webhook(*, body: bytes, header: str, secrets: Sequence[str] | None = None) -> Received:
    """Keep the event in `body` once and let a worker apply it; the same event may come any number of times.

    One statement. The job is written with the row: neither is there without the other.

    Raises:
        WebhookRefused: it is not Stripe's; nothing is kept.
    """
    event = read_event(body, header, settings.STRIPE_WEBHOOK_SECRETS if secrets is None else secrets)
    if len(event.id) > LONGEST_ID or len(event.type) > LONGEST_TYPE:
        raise WebhookRefused("longer than any id of Stripe's", code="webhook_no_event")
    is_new = keep_event(event)
    if not is_new:
        count("duplicate")
    return Received(event.id, is_new)


def keep_event(event: StripeEvent, *, is_found: bool = False) -> bool:
    """Write the event and the job that applies it, by one statement; False when it was here before.

    `is_found` marks one that never came and was found in Stripe's list.
    """
    row = _row(event, is_found=is_found)
    if row.state != EventState.WAITING:
        return insert_or_none(row) is not None
    return _insert_with_job(row)


def _insert_with_job(row: WebhookEvent) -> bool:
    kept, values = insertion_of(row)
    job = asked_for(ApplyWebhook(event_id=row.event_id), key=job_key(row.event_id, row.life))
    with connection.cursor() as cursor:
        # A transaction by itself, where none is open: neither is there without the other, and the answer waits once.
        cursor.execute(f"WITH kept AS ({kept}) SELECT {job.call} FROM kept", [*values, *job.values])  # noqa: S608  # of constants
        is_new = cursor.fetchone() is not None
    if is_new:
        job.ring_on_commit()
    return is_new


def enqueue_applying(row: WebhookEvent) -> None:
    """Give an event that waits again to the workers, in the caller's transaction; once for each of its lives."""
    enqueue(ApplyWebhook(event_id=row.event_id), key=job_key(row.event_id, row.life))


def place_of(row: WebhookEvent) -> tuple[EventState, Reason | Literal[""]]:
    """Where an event belongs before anybody has looked at its object: waiting, ignored, or in quarantine and why."""
    if row.account_id and not (registry.accounts and registry.accounts.knows(row.account_id)):
        return EventState.QUARANTINED, Reason.ACCOUNT
    if not row.kind:
        return EventState.IGNORED, ""
    if row.is_live != settings.STRIPE_SECRET_KEY.startswith(_LIVE_KEYS):
        return EventState.QUARANTINED, Reason.MODE
    return EventState.WAITING, ""


def count_refused(code: str) -> None:
    """Count a request that was refused, and say so in the log; nothing of it is kept."""
    _log.warning("webhook refused", extra={"webhook_refusal": code})
    count(code)


def count(code: str) -> None:
    """One more of these today, as far as Redis is there: a count protects nothing and must cost nothing."""
    if not _redis.may_try():
        return
    try:
        _counted(counter_name(code, clock.now().date().isoformat()))
    except RedisError:
        _redis.note_failure()
    else:
        _redis.note_success()


def _counted(name: str) -> None:
    cache.add(name, 0, timeout=COUNTS_KEPT_SECONDS)
    try:
        cache.incr(name)
    except ValueError:
        # Evicted between the two commands.
        cache.add(name, 1, timeout=COUNTS_KEPT_SECONDS)


def _row(event: StripeEvent, *, is_found: bool) -> WebhookEvent:
    now = clock.now()
    subject = _subject(event)
    row = WebhookEvent(
        event_id=event.id,
        type=event.type,
        account_id=event.account_id[:LONGEST_ID],
        kind=subject.kind if subject else "",
        object_id=(subject.object_id if subject else event.object_id)[:LONGEST_ID],
        customer_id=customer_in(event.object)[:LONGEST_ID],
        is_found=is_found,
        is_live=event.is_live,
        happened_at=event.created_at,
        received_at=now,
        payload=storable(event.object),
    )
    row.state, row.reason = place_of(row)
    row.settled_at = now if row.state == EventState.IGNORED else None
    return row


def _subject(event: StripeEvent) -> Subject | None:
    if event.account_id:
        # Whoever has the account decides what is of interest there.
        return Subject(kind_of(event.type), event.object_id)
    return subject_of(event.type, event.object, registry.appliers.keys())
