"""Compares with Stripe every ten minutes: events that never came are found in its list, objects by the apps (R32, F06)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import batched
from typing import Final

from django.conf import settings
from django.db import transaction

from integrations.stripe import StripeEvent, configured_gateway
from kernel import clock
from kernel.db import insert_or_none
from kernel.jobs import enqueue
from kernel.scrubbing import without_secrets
from shared_apps.webhook_inbox.appliers import Reconcile, registry
from shared_apps.webhook_inbox.jobs import ReconcileWebhooks
from shared_apps.webhook_inbox.models import ReconcileRound, WebhookEvent
from shared_apps.webhook_inbox.services.receiving import keep_event
from shared_apps.webhook_inbox.services.replaying import release_young
from shared_apps.webhook_inbox.types import LONGEST_ERROR

_log = logging.getLogger(__name__)

EVERY: Final = timedelta(minutes=10)
# Clocks differ, and a list may be a moment behind what was sent.
OVERLAP: Final = timedelta(hours=1)
# Stripe forgets events after thirty days.
LONGEST_BACK: Final = timedelta(days=30)
_AT_ONCE: Final = 500


def begin_round(*, now: datetime | None = None) -> ReconcileRound | None:
    """Write the round of these ten minutes and wake a worker for it; None when there is one, or no Stripe to ask."""
    if not settings.STRIPE_SECRET_KEY:
        return None
    slot_at = _slot(now or clock.now())
    with transaction.atomic():
        begun = insert_or_none(ReconcileRound(slot_at=slot_at))
        if begun is not None:
            enqueue(ReconcileWebhooks(slot_at=slot_at), key=f"webhooks:round:{slot_at.isoformat()}")
    return begun


def reconcile_part(*, slot_at: datetime, part: int) -> int | None:
    """Do one part of a round; the number of the next, None when it was the last.

    What fails is noted and does not hold up the others: the next round tries it again. May run again with the same effect.
    """
    found = ReconcileRound.objects.filter(slot_at=slot_at, finished_at=None).first()
    if found is None:
        return None
    for name, act in list(_acts())[part : part + 1]:
        _try(found, name, act)
    if part + 1 < len(registry.reconcilers) + 1:
        return part + 1
    found.finished_at = clock.now()
    found.save(update_fields=["finished_at"])
    return None


def _acts() -> Iterator[tuple[str, Callable[[ReconcileRound], None]]]:
    yield "events", _find_events
    for name, reconcile in registry.reconcilers.items():
        yield name, _of_app(name, reconcile)


def _of_app(name: str, reconcile: Reconcile) -> Callable[[ReconcileRound], None]:
    def act(current: ReconcileRound) -> None:
        current.repaired[name] = reconcile() or 0
        current.save(update_fields=["repaired"])

    return act


def _try(current: ReconcileRound, name: str, act: Callable[[ReconcileRound], None]) -> None:
    try:
        act(current)
    except Exception as error:  # noqa: BLE001  # one app's trouble is not the others'
        _log.warning("webhook reconciler failed", extra={"webhook_reconciler": name}, exc_info=True)
        current.errors[name] = without_secrets(f"{type(error).__name__}: {error}")[:LONGEST_ERROR]
        current.save(update_fields=["errors"])


def _find_events(current: ReconcileRound) -> None:
    begun_at = clock.now()
    since = _since(begun_at)
    listed = configured_gateway().events.since(since)
    missing = list(_missing(listed))
    found = sum(keep_event(event, is_found=True) for event in missing)
    # What was nobody's when it came may be somebody's by now.
    release_young(now=begun_at)
    current.since, current.seen_until = since, begun_at
    # Added, since a round that was killed here finds fewer when it is tried again.
    current.listed, current.found = len(listed), current.found + found
    current.save(update_fields=["since", "seen_until", "listed", "found"])


def _missing(listed: Sequence[StripeEvent]) -> Iterator[StripeEvent]:
    for some in batched(listed, _AT_ONCE):
        known = set(WebhookEvent.objects.filter(event_id__in=[one.id for one in some]).values_list("event_id", flat=True))
        yield from (one for one in some if one.id not in known)


def _since(now: datetime) -> datetime:
    last = ReconcileRound.objects.exclude(seen_until=None).order_by("-seen_until").values_list("seen_until", flat=True).first()
    return max(last - OVERLAP, now - LONGEST_BACK) if last else now - LONGEST_BACK


def _slot(now: datetime) -> datetime:
    seconds = int(now.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(EVERY.total_seconds()), tz=now.tzinfo)
