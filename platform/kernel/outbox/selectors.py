"""How the outbox is doing, for the console, the commands and the metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Count, Min, Q

from kernel import clock, wiring
from kernel.outbox.books import bookkeeping
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.reach import in_each_reachable
from kernel.outbox.shards import ALL_SHARDS, queue_of
from kernel.outbox.turns import overdue

_PENDING: Final = Q(state=MessageState.PENDING)
# Each state has an index of its own among millions of messages that are done, and PostgreSQL uses them together for OR; for
# IN, which no single one of them answers, it would read the whole table.
IS_OPEN: Final = _PENDING | Q(state=MessageState.LEASED) | Q(state=MessageState.DEAD)
_WAITING: Final = Count("pk", filter=_PENDING)
_IN_FLIGHT: Final = Count("pk", filter=Q(state=MessageState.LEASED))
_DEAD: Final = Count("pk", filter=Q(state=MessageState.DEAD))


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """How many messages are in each state, and for how long the oldest has been waiting that a worker could begin."""

    pending: int
    leased: int
    done: int
    dead: int
    oldest_wait: timedelta


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One tenant's work, or the platform's own (None). `at_once` is its cap of workers: 0 while it waits, None without one."""

    tenant_id: UUID | None
    waiting: int
    in_flight: int
    dead: int
    lag: timedelta
    at_once: int | None


@dataclass(frozen=True, slots=True)
class Queues:
    """Those who wait longest, and how many more have work."""

    lines: tuple[QueueLine, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class ShardLine:
    """What waits in one queue, for how long the oldest of it that a worker could begin, and what was given up."""

    queue: str
    waiting: int
    in_flight: int
    dead: int
    lag: timedelta


class _ShardCounts(NamedTuple):
    waiting: int
    in_flight: int
    dead: int
    oldest: datetime | None


def shard_lines(*, now: datetime | None = None) -> list[ShardLine]:
    """Every queue, also the empty ones, in the order of their numbers, over all clusters that answer.

    For metrics, once in a while (one query on each cluster).
    """
    now = now or clock.now()
    found = in_each_reachable(partial(_shards_here, now))
    return [_shard_line(queue_of(shard), [here[shard] for here in found if shard in here], now=now) for shard in ALL_SHARDS]


def _shards_here(now: datetime) -> dict[int, _ShardCounts]:
    with bookkeeping():
        rows = OutboxMessage.objects.filter(IS_OPEN).values_list("shard").annotate(
            waiting=_WAITING, in_flight=_IN_FLIGHT, dead=_DEAD,
            oldest=Min("available_at", filter=_PENDING & Q(available_at__lte=now)),
        )  # fmt: skip
        return {shard: _ShardCounts(*counts) for shard, *counts in rows.order_by("shard")}


def _shard_line(queue: str, counts: Sequence[_ShardCounts], *, now: datetime) -> ShardLine:
    oldest = min((here.oldest for here in counts if here.oldest), default=None)
    return ShardLine(
        queue,
        sum(here.waiting for here in counts),
        sum(here.in_flight for here in counts),
        sum(here.dead for here in counts),
        now - oldest if oldest else timedelta(0),
    )


def get_outbox_status(*, now: datetime | None = None) -> OutboxStatus:
    """The outbox as it is now, on all clusters that answer.

    Counts every row: for people and once-a-minute metrics, not for each request.
    """
    found = in_each_reachable(partial(_status_here, now or clock.now()))
    return OutboxStatus(
        pending=sum(here.pending for here in found),
        leased=sum(here.leased for here in found),
        done=sum(here.done for here in found),
        dead=sum(here.dead for here in found),
        oldest_wait=max((here.oldest_wait for here in found), default=timedelta(0)),
    )


def _status_here(now: datetime) -> OutboxStatus:
    with bookkeeping():
        rows = OutboxMessage.objects.values_list("state").annotate(count=Count("pk"))
        counts = {state: int(count) for state, count in rows}
        oldest = overdue(before=now, each=1, limit=1)
    return OutboxStatus(
        pending=counts.get(MessageState.PENDING, 0),
        leased=counts.get(MessageState.LEASED, 0),
        done=counts.get(MessageState.DONE, 0),
        dead=counts.get(MessageState.DEAD, 0),
        oldest_wait=now - oldest[0].available_at if oldest else timedelta(0),
    )


def queue_lines(*, limit: int, now: datetime | None = None) -> Queues:
    """Whose work waits, is in flight or was given up; who waits longest first. For people, and of clusters, as above.

    Two queries, or three where there are more than `limit`.
    """
    found = in_each_reachable(partial(_lines_here, limit, now or clock.now()))
    if len(found) == 1:
        return found[0]
    lines = sorted((line for here in found for line in here.lines), key=lambda line: line.lag, reverse=True)
    left_out = sum(here.left_out for here in found) + len(lines[limit:])
    return Queues(tuple(lines[:limit]), left_out)


def _lines_here(limit: int, now: datetime) -> Queues:
    with bookkeeping():
        rows = OutboxMessage.objects.filter(IS_OPEN).values("tenant_id").annotate(
            waiting=_WAITING, in_flight=_IN_FLIGHT, dead=_DEAD,
            oldest=Min("available_at", filter=_PENDING & Q(available_at__lte=now)),
        )  # fmt: skip
        found = list(rows.order_by("oldest", "-dead", "tenant_id")[: limit + 1])
        left_out = rows.order_by().count() - limit if len(found) > limit else 0
        found = found[:limit]
        standings = wiring.standings([row["tenant_id"] for row in found if row["tenant_id"]])
    caps: Mapping[UUID | None, int | None] = {pk: standing.at_once for pk, standing in standings.items()}
    lines = [
        QueueLine(
            row["tenant_id"],
            row["waiting"],
            row["in_flight"],
            row["dead"],
            now - row["oldest"] if row["oldest"] else timedelta(0),
            caps.get(row["tenant_id"]),
        )
        for row in found
    ]
    return Queues(tuple(lines), left_out)
