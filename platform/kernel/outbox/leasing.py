"""Gives a worker the right to messages, for as long as their kind asks for: by one statement, whoever else asks."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from kernel.outbox.handlers import longer_leases, usual_lease_seconds
from kernel.outbox.models import MessageState, OutboxMessage

# Materialized: it is looked for once, and not again for each row that is changed.
_LEASE: Final = """
    WITH due AS MATERIALIZED ({due} FOR UPDATE SKIP LOCKED)
    UPDATE outbox_message m
    SET state = 'leased', attempts = m.attempts + 1, lease_token = m.lease_token + 1, lease_owner = %s, is_parked = false,
        leased_until = %s + make_interval(secs => coalesce((%s::jsonb ->> m.event_type)::integer, %s))
    FROM due WHERE m.id = due.id
    RETURNING m.*
"""


def lease_due(messages: QuerySet[OutboxMessage], *, limit: int, owner: str, now: datetime) -> list[OutboxMessage]:
    """Lease the first due ones of `messages`, in their order, to `owner`; what others have locked is passed over.

    In the platform's scope. One statement, in the caller's transaction if any. The result is in no order.
    """
    due = messages.filter(state=MessageState.PENDING, available_at__lte=now).values("id")[:limit]
    found, values = due.query.sql_with_params()
    lease = (owner, now, json.dumps(longer_leases()), usual_lease_seconds())
    return list(OutboxMessage.objects.using(messages.db).raw(_LEASE.format(due=found), [*values, *lease]))
