"""Whose turn it is: among the tenants whose work waits, the one with the fewest workers, and of those the one longest unserved.

However much of it one tenant has, it gets one message a turn and never more workers than its plan allows, so it holds up nobody
(R37). What is asked here walks from tenant to tenant in an index: it costs by the tenants that wait, not by their messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from kernel import clock, wiring
from kernel.db import insert_or_none
from kernel.locking import Busy, lock_timeout
from kernel.outbox.books import bookkeeping, by_one_statement
from kernel.outbox.leasing import lease_due
from kernel.outbox.models import MessageState, OutboxMessage, Turn
from kernel.outbox.shards import LONG_SHARD, PLATFORM_SHARD
from kernel.outbox.standing import Standing

_WAITING: Final = """
    WITH RECURSIVE waiting(shard, tenant_id) AS (
        (SELECT m.shard, m.tenant_id FROM outbox_message m
         WHERE m.state = 'pending' AND m.tenant_id IS NOT NULL AND m.shard BETWEEN %(low)s AND %(high)s
         ORDER BY m.shard, m.tenant_id LIMIT 1)
        UNION ALL
        SELECT following.shard, following.tenant_id FROM waiting CROSS JOIN LATERAL (
            SELECT m.shard, m.tenant_id FROM outbox_message m
            WHERE m.state = 'pending' AND m.tenant_id IS NOT NULL AND m.shard <= %(high)s
                AND (m.shard, m.tenant_id) > (waiting.shard, waiting.tenant_id)
            ORDER BY m.shard, m.tenant_id LIMIT 1
        ) following
    )
"""
_IN_TURN: Final = f"""{_WAITING}
    SELECT waiting.tenant_id FROM waiting
    LEFT JOIN outbox_turn turn ON turn.tenant_id = waiting.tenant_id
    LEFT JOIN (SELECT tenant_id, count(*) AS workers FROM outbox_message WHERE state = 'leased' GROUP BY tenant_id) busy
        ON busy.tenant_id = waiting.tenant_id
    WHERE EXISTS (
        SELECT FROM outbox_message m WHERE m.state = 'pending' AND m.shard = waiting.shard
            AND m.tenant_id = waiting.tenant_id AND m.available_at <= %(now)s
    )
    ORDER BY coalesce(busy.workers, 0), turn.served_at NULLS FIRST, waiting.tenant_id
"""  # noqa: S608  # of constants
_WHO_WAITS: Final = f"{_WAITING} SELECT DISTINCT tenant_id FROM waiting"  # noqa: S608  # of constants
_OVERDUE: Final = f"""{_WAITING}
    SELECT due.id, waiting.shard, due.available_at FROM waiting CROSS JOIN LATERAL (
        SELECT m.id, m.available_at FROM outbox_message m
        WHERE m.state = 'pending' AND m.shard = waiting.shard AND m.tenant_id = waiting.tenant_id
            AND m.available_at <= %(before)s
        ORDER BY m.priority, m.available_at, m.id LIMIT %(each)s
    ) due
    WHERE waiting.tenant_id = ANY(%(served)s)
    ORDER BY due.available_at, due.id LIMIT %(limit)s
"""  # noqa: S608  # of constants
# A turn is held for a few statements. Whoever is stopped in the middle of one costs the others this much at each of their
# claims, until PostgreSQL ends its session.
_PATIENCE: Final = timedelta(milliseconds=100)
_LONGEST_IDLE: Final = "SELECT set_config('idle_in_transaction_session_timeout', '10s', true)"
_IN_TENANT: Final = ("priority", "available_at", "id")
_ALL: Final = {"low": 0, "high": LONG_SHARD}


@dataclass(frozen=True, slots=True)
class Overdue:
    """A message that a worker could have begun."""

    id: UUID
    shard: int
    available_at: datetime


def claim_in_turn(shard: int, *, owner: str, now: datetime) -> OutboxMessage | None:
    """Lease one message of `shard` to `owner`, of the tenant whose turn it is; None when nobody's may begin now.

    A suspended tenant's work waits, and that of one that is gone is cancelled. May be called by any number of workers at once:
    the tenant's turn is locked while its workers are counted.
    """
    if shard in {PLATFORM_SHARD, LONG_SHARD} and (message := _claim_platforms(shard, owner=owner, now=now)):
        return message
    waiting = by_one_statement(lambda: _tenants_in_turn(shard, now=now))
    if not waiting:
        return None
    with bookkeeping():
        standings = wiring.standings(waiting)
    for tenant_id in waiting:
        standing = standings[tenant_id]
        if standing.is_gone:
            cancel_work_of(tenant_id)
        elif standing.at_once and (message := _claim_of(tenant_id, shard, standing.at_once, owner=owner, now=now)):
            return message
    return None


def overdue(*, before: datetime, each: int, limit: int) -> list[Overdue]:
    """What waits since `before`, the oldest first; of one tenant the first `each`, so that nobody's crowd hides another.

    What waits for its tenant to be served again is left out. In the platform's scope on one cluster; two queries, or four when
    tenants wait.
    """
    mine = OutboxMessage.objects.filter(tenant_id=None, state=MessageState.PENDING, available_at__lte=before)
    own = mine.order_by("available_at", "id").values_list("pk", "shard", "available_at")[:limit]
    found = [Overdue(*row) for row in own]
    if served := [tenant_id for tenant_id, standing in _everybody_waiting().items() if standing.at_once]:
        with connection.cursor() as cursor:
            cursor.execute(_OVERDUE, {**_ALL, "before": before, "each": each, "limit": limit, "served": served})
            found += [Overdue(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda one: (one.available_at, one.id))[:limit]


def cancel_work_of_the_gone() -> int:
    """Cancel what waits for tenants that are gone, for whom nobody rings; tells how many. May be called again."""
    with bookkeeping():
        gone = [tenant_id for tenant_id, standing in _everybody_waiting().items() if standing.is_gone]
    return sum(cancel_work_of(tenant_id) for tenant_id in gone)


def cancel_work_of(tenant_id: UUID) -> int:
    """Cancel what waits for a tenant that is gone; tells how many. May be called again."""
    with bookkeeping():
        waiting = OutboxMessage.objects.filter(tenant_id=tenant_id, state=MessageState.PENDING)
        return waiting.update(state=MessageState.CANCELLED, last_error="the organization is gone", done_at=clock.now())


def _claim_platforms(shard: int, *, owner: str, now: datetime) -> OutboxMessage | None:
    mine = OutboxMessage.objects.filter(shard=shard, tenant_id=None).order_by(*_IN_TENANT)
    return next(iter(by_one_statement(lambda: lease_due(mine, limit=1, owner=owner, now=now))), None)


def _claim_of(tenant_id: UUID, shard: int, at_once: int, *, owner: str, now: datetime) -> OutboxMessage | None:
    try:
        with bookkeeping(), lock_timeout(_PATIENCE):
            _end_with_me()
            # Whoever waits here counts, behind the lock, what the one before has leased.
            turn = _locked_turn(tenant_id) or _first_turn(tenant_id)
            messages = OutboxMessage.objects.filter(tenant_id=tenant_id)
            if not _has_room(messages.filter(state=MessageState.LEASED), shard, at_once):
                return None
            claimed = lease_due(messages.filter(shard=shard).order_by(*_IN_TENANT), limit=1, owner=owner, now=now)
            if not claimed:
                return None
            turn.served_at = now
            turn.save(update_fields=["served_at"])
            return claimed[0]
    except Busy:
        # Whoever has the turn was stopped in the middle of it. The others need not wait for this tenant.
        return None


def _has_room(leased: QuerySet[OutboxMessage], shard: int, at_once: int) -> bool:
    """Whether a tenant with these workers may have one more. One of several is never for long work: mail comes in between."""
    busy = leased.aggregate(all=Count("pk"), long=Count("pk", filter=Q(shard=LONG_SHARD)))
    return busy["all"] < at_once and (shard != LONG_SHARD or busy["long"] < max(at_once - 1, 1))


def _end_with_me() -> None:
    """Let PostgreSQL take the turn back when this process is stopped while it has it."""
    with connection.cursor() as cursor:
        cursor.execute(_LONGEST_IDLE)


def _locked_turn(tenant_id: UUID) -> Turn | None:
    return Turn.objects.select_for_update().filter(pk=tenant_id).first()


def _first_turn(tenant_id: UUID) -> Turn:
    insert_or_none(Turn(tenant_id=tenant_id, served_at=None))
    return Turn.objects.select_for_update().get(pk=tenant_id)


def who_waits() -> list[UUID]:
    """The tenants for whom something waits in the outbox of one cluster, in the platform's scope there; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_WHO_WAITS, _ALL)
        return [tenant_id for (tenant_id,) in cursor.fetchall()]


def _everybody_waiting() -> Mapping[UUID, Standing]:
    waiting = who_waits()
    return wiring.standings(waiting) if waiting else {}


def _tenants_in_turn(shard: int, *, now: datetime) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(_IN_TURN, {"low": shard, "high": shard, "now": now})
        return [tenant_id for (tenant_id,) in cursor.fetchall()]
