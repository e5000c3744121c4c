"""What happened, told to whoever listens: written with the change itself, delivered after it, at least once (R30)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction

from kernel import clock, wiring
from kernel.ids import new_id
from kernel.messages import EventFormatError, Message, field_types
from kernel.origins import current_origin
from kernel.outbox.shards import shard_of

__all__ = ["Event", "EventFormatError", "NotInTransaction", "field_types", "publish"]

# Nobody but the platform may write to the outbox itself: the door takes the tenant from the role that the caller stands in.
_PUBLISH = "SELECT doors.publish_event(%s, %s, %s, %s::jsonb, %s, %s, %s)"


class NotInTransaction(RuntimeError):
    """Something was put into the outbox outside of a transaction: it could go out though what it tells of never happened."""


@dataclass(frozen=True)
class Event(Message):
    """The base of all events: a frozen dataclass, named in the past tense, of ids and plain facts."""


def publish(event: Event) -> None:
    """Write `event` to the outbox, one row per subscribed handler, in the current transaction and for the tenant in scope.

    The rows exist if and only if the change they tell of does. After the commit the doorbell rings; a ring that fails is
    logged, not raised, since the sweep finds the rows anyway. No order is promised between events or handlers.

    Raises `NotInTransaction` outside of `transaction.atomic()`.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{event.event_type} must be published in the transaction that makes it true")
    tenant_id = wiring.tenant_id()  # refuses a scope whose events would be nobody's
    rows = _rows(event)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_PUBLISH, rows)
    ring = partial(wiring.ring_doorbell, [row[0] for row in rows], shard=shard_of(tenant_id))
    transaction.on_commit(ring, robust=True)


def _rows(event: Event) -> list[tuple[Any, ...]]:  # Any: one row's values, in the order of _PUBLISH
    handlers = wiring.subscriptions().get(type(event), ())
    payload, now, origin = json.dumps(event.to_payload()), clock.now(), current_origin()
    told = (payload, now, origin.request_id, origin.actor)
    return [(new_id(), event.event_type, handler, *told) for handler in handlers]
