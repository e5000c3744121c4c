"""How the outbox is doing, for the console, the command and the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min

from kernel import clock
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.relay import bookkeeping


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """How many messages are in each state, and for how long the oldest due one has been waiting."""

    pending: int
    leased: int
    done: int
    dead: int
    oldest_wait: timedelta


def get_outbox_status(*, now: datetime | None = None) -> OutboxStatus:
    """The outbox as it is now. Counts every row: for people and once-a-minute metrics, not for each request."""
    now = now or clock.now()
    with bookkeeping():
        rows = OutboxMessage.objects.values_list("state").annotate(count=Count("pk"))
        counts = {state: int(count) for state, count in rows}
        pending = OutboxMessage.objects.filter(state=MessageState.PENDING, available_at__lte=now)
        oldest = pending.aggregate(oldest=Min("available_at"))["oldest"]
    return OutboxStatus(
        pending=counts.get(MessageState.PENDING, 0),
        leased=counts.get(MessageState.LEASED, 0),
        done=counts.get(MessageState.DONE, 0),
        dead=counts.get(MessageState.DEAD, 0),
        oldest_wait=now - oldest if oldest else timedelta(0),
    )
