"""One message of the outbox, from its event to what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from kernel import clock
from kernel.events import Event, publish
from kernel.outbox.books import bookkeeping
from kernel.outbox.leasing import lease_due
from kernel.outbox.models import OutboxMessage
from kernel.outbox.relay import Outcome, run
from tests.kernel import samples
from tests.kernel.samples import KettleBoiled

KETTLE = UUID("019a3f5e-7c00-7000-8000-000000000001")
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def published(event: Event | None = None) -> OutboxMessage:
    """The message of one event that was just published in the current scope."""
    with transaction.atomic():
        publish(event or KettleBoiled(KETTLE, NOON))
    return OutboxMessage.objects.latest("pk")


def again(message: OutboxMessage) -> OutboxMessage:
    """The message as it is now."""
    return OutboxMessage.objects.get(pk=message.pk)


def fail(error: BaseException) -> None:
    """Make the handlers raise `error` from now on."""

    def act() -> None:
        raise error

    samples.misbehave.append(act)


def claim(*, limit: int, owner: str, now: datetime | None = None) -> list[OutboxMessage]:
    """Lease up to `limit` due messages in the order of their arrival, whoever's turn it is."""
    with bookkeeping():
        oldest_first = OutboxMessage.objects.order_by("available_at", "id")
        return lease_due(oldest_first, limit=limit, owner=owner, now=now or clock.now())


def deliver_due(*, limit: int = 100) -> list[Outcome]:
    """Deliver due messages one by one, in that order, until none is left or `limit` is reached."""
    outcomes: list[Outcome] = []
    while len(outcomes) < limit and (claimed := claim(limit=1, owner="test")):
        outcomes.append(run(claimed[0]))
    return outcomes
