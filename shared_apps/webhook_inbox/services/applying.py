"""Applies what Stripe told: the object is fetched, so that neither order nor repetition of events matters (R31)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from kernel import clock
from kernel.errors import DomainError, OutsideFailure, TemporaryFailure
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.scrubbing import without_secrets
from shared_apps.webhook_inbox.appliers import registry
from shared_apps.webhook_inbox.errors import NobodysObject
from shared_apps.webhook_inbox.models import WebhookEvent
from shared_apps.webhook_inbox.rules import job_key, tenant_in
from shared_apps.webhook_inbox.services.receiving import place_of
from shared_apps.webhook_inbox.types import LONGEST_ERROR, EventState, Reason
from tenants.models import Tenant
from tenants.session_locks import trying

# What comes while its object is looked at is looked at by the same worker: so often, and begun within so long, at most. Others
# have work for it, too, and a look at a slow Stripe must fit into what is left of the lease.
_LOOKS: Final = 5
_LONGEST: Final = timedelta(seconds=5)


def apply_event(*, event_id: str) -> None:
    """Let the applier of an event's object look at it, and settle all events of that object that waited before it looked.

    One at a time for each object, under a lock that is held over the question to Stripe: a slower one with an older answer
    cannot write after a faster one. Nobody waits for it: whoever has it looks again for what came meanwhile. May run any number
    of times: an event that is settled is left alone.

    Raises:
        TemporaryFailure: another worker is at the object. What the applier raises; it is noted at the events.
    """
    event = _waiting().filter(event_id=event_id).first()
    if event is None:
        return
    with trying(f"webhook:{event.account_id}:{event.kind}:{event.object_id}") as is_mine:
        if not is_mine:
            raise TemporaryFailure("another worker is at the same object", code="webhook_object_busy")
        begun_at = clock.now()
        for look in range(_LOOKS):
            if look and clock.now() - begun_at > _LONGEST:
                return
            # Before the object is fetched: what comes later may tell of something that the answer does not have yet.
            covered = list(_same_object(event).only("pk", "event_id", "life"))
            if not covered:
                return
            _apply(event, covered)


def _apply(event: WebhookEvent, covered: Sequence[WebhookEvent]) -> None:
    state, reason = place_of(event)
    if state != EventState.WAITING:
        _settle(covered, state=state, reason=reason)
        return
    try:
        owner = _ask_applier(event)
    except NobodysObject as error:
        _quarantine(covered, event, without_secrets(str(error)))
        return
    except Exception as error:
        _rows(covered).update(failures=F("failures") + 1, error=_sentence(error))
        raise
    # Before they are settled: whoever dies in between comes back, and an event without its owner would outlive them.
    _note_owner(event, owner or tenant_in(event.payload or {}))
    _settle(covered, state=EventState.APPLIED)


def _ask_applier(event: WebhookEvent) -> UUID | None:
    if event.account_id:
        assert registry.accounts is not None  # place_of has said so
        return registry.accounts.apply(event.account_id, event.kind, event.object_id)
    apply = registry.appliers.get(event.kind)
    if apply is None:
        # Its app is not installed any more; a replay tries again when it is.
        raise NobodysObject(f"nobody applies {event.kind} any more")
    return apply(event.kind, event.object_id)


def _quarantine(covered: Sequence[WebhookEvent], event: WebhookEvent, sentence: str) -> None:
    named = tenant_in(event.payload or {})
    is_erased = named is not None and not Tenant.objects.filter(pk=named).exists()
    # Its organization is erased, and this came late: nothing of it may stay (F33).
    left_out = {"payload": None} if is_erased else {}
    wrong = {"state": EventState.QUARANTINED, "reason": Reason.NOBODYS, "error": sentence[:LONGEST_ERROR]}
    _settle(covered, **wrong, **left_out)


def _settle(covered: Sequence[WebhookEvent], **changes: object) -> None:
    changes = {"reason": "", "error": "", "settled_at": clock.now()} | changes
    if len(covered) == 1:
        _rows(covered).update(**changes)
        return
    with transaction.atomic():
        _rows(covered).update(**changes)
        # Nobody need come for the others, nor be alarmed by one that was given up.
        keys = [job_key(one.event_id, one.life) for one in covered]
        jobs = OutboxMessage.objects.filter(tenant_id=None, key__in=keys, state__in=(MessageState.PENDING, MessageState.DEAD))
        jobs.update(state=MessageState.DONE, done_at=clock.now(), last_error="")


def _note_owner(event: WebhookEvent, tenant_id: UUID | None) -> None:
    """Whose all events of the object, and of its customer, are: erasing an organization takes them along."""
    if tenant_id is None:
        return
    unowned = WebhookEvent.objects.filter(tenant_id=None, account_id=event.account_id)
    unowned.filter(object_id=event.object_id).update(tenant_id=tenant_id)
    if event.customer_id:
        unowned.filter(customer_id=event.customer_id).update(tenant_id=tenant_id)


def _waiting() -> QuerySet[WebhookEvent]:
    return WebhookEvent.objects.filter(state=EventState.WAITING)


def _same_object(event: WebhookEvent) -> QuerySet[WebhookEvent]:
    return _waiting().filter(account_id=event.account_id, kind=event.kind, object_id=event.object_id)


def _rows(covered: Sequence[WebhookEvent]) -> QuerySet[WebhookEvent]:
    return WebhookEvent.objects.filter(pk__in=[one.pk for one in covered], state=EventState.WAITING)


def _sentence(error: Exception) -> str:
    """What people have said themselves stands alone; of anything else its class is half of what it says."""
    told = error.message if isinstance(error, OutsideFailure | DomainError) else f"{type(error).__name__}: {error}"
    return without_secrets(told)[:LONGEST_ERROR]
