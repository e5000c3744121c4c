"""Gives events another life: one by an operator, all that were given up, or those whose owner has become known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.locking import lock_rows
from kernel.outbox.models import MessageState, OutboxMessage
from shared_apps.audit.services import record
from shared_apps.webhook_inbox.appliers import registry
from shared_apps.webhook_inbox.errors import EventNotFound, EventUnderWay
from shared_apps.webhook_inbox.models import WebhookEvent
from shared_apps.webhook_inbox.rules import job_key, subject_of
from shared_apps.webhook_inbox.selectors import is_given_up, stuck_events
from shared_apps.webhook_inbox.services.receiving import enqueue_applying, place_of
from shared_apps.webhook_inbox.types import EventState, Reason

REPLAY: Final = "outbox.replay"
SET_ASIDE: Final = "outbox.cancel"
# One page of work: what is left is replayed by pressing again.
MOST_AT_ONCE: Final = 500
YOUNG: Final = timedelta(hours=1)


def replay_event(*, actor: Actor, event_id: str) -> None:
    """Give one event to the workers once more, whatever became of it; its object is looked at as it is then.

    Raises:
        PermissionDenied: the actor may not.
        EventNotFound, EventUnderWay: there is none, or it waits already and was not given up.
    """
    actor.require(REPLAY)
    with transaction.atomic():
        rows = lock_rows(WebhookEvent.objects.filter(event_id=event_id))
        if not rows:
            raise EventNotFound(_("There is no such event."))
        if rows[0].state == EventState.WAITING and not is_given_up(rows[0]):
            raise EventUnderWay(_("It is on its way already."))
        record(action="webhook.replayed", actor_label=actor.label, actor_kind=actor.kind, target=event_id)
        _revive(rows[0])


def set_event_aside(*, actor: Actor, event_id: str) -> None:
    """Let an event of quarantine rest: it counts as ignored, and is forgotten after thirty days.

    Raises:
        PermissionDenied: the actor may not.
        EventNotFound: there is none in quarantine.
    """
    actor.require(SET_ASIDE)
    with transaction.atomic():
        quarantined = WebhookEvent.objects.filter(event_id=event_id, state=EventState.QUARANTINED)
        if not quarantined.update(state=EventState.IGNORED, reason="", settled_at=clock.now()):
            raise EventNotFound(_("There is no such event."))
        record(action="webhook.set_aside", actor_label=actor.label, actor_kind=actor.kind, target=event_id)


def replay_events(*, actor: Actor) -> int:
    """The same for all that were given up or are in quarantine, the oldest 500; tells how many.

    Raises:
        PermissionDenied: the actor may not.
    """
    actor.require(REPLAY)
    with transaction.atomic():
        record(action="webhook.replayed_all", actor_label=actor.label, actor_kind=actor.kind)
        return _revive_all(stuck_events())


def release_quarantined(*, object_ids: Iterable[str] = (), customer_ids: Iterable[str] = (), account_id: str = "") -> int:
    """Replay what waits in quarantine for these objects, customers or this account, which are somebody's now; how many.

    For apps: a customer's first webhook may be faster than the commit that keeps its id. In the caller's transaction, if any.
    """
    quarantined = WebhookEvent.objects.filter(state=EventState.QUARANTINED)
    found = quarantined.filter(object_id__in=list(object_ids)) | quarantined.filter(customer_id__in=list(customer_ids))
    if account_id:
        found |= quarantined.filter(account_id=account_id, reason=Reason.ACCOUNT)
    with transaction.atomic():
        return _revive_all(found)


def release_young(*, now: datetime) -> int:
    """Replay what is in quarantine for less than an hour: whose it is may have been committed since. How many."""
    quarantined = WebhookEvent.objects.filter(state=EventState.QUARANTINED, received_at__gt=now - YOUNG)
    with transaction.atomic():
        return _revive_all(quarantined.exclude(reason=Reason.MODE))


def _revive_all(events: QuerySet[WebhookEvent]) -> int:
    chosen = list(events.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    rows = lock_rows(WebhookEvent.objects.filter(pk__in=chosen))
    for row in rows:
        _revive(row)
    return len(rows)


def _revive(row: WebhookEvent) -> None:
    """Begin another life of a locked row: what is registered now decides where it belongs."""
    # A dead letter of the life before would be replayed for nothing.
    dead = OutboxMessage.objects.filter(tenant_id=None, key=job_key(row.event_id, row.life), state=MessageState.DEAD)
    dead.update(state=MessageState.CANCELLED, last_error="the event was replayed in the inbox")
    subject = subject_of(row.type, row.payload or {}, registry.appliers.keys()) if not row.kind else None
    if subject is not None:
        row.kind, row.object_id = subject.kind, subject.object_id
    row.life += 1
    row.failures, row.error, row.settled_at = 0, "", None
    row.state, row.reason = place_of(row)
    row.save(update_fields=["kind", "object_id", "life", "failures", "error", "settled_at", "state", "reason"])
    if row.state == EventState.WAITING:
        enqueue_applying(row)
