"""What is done to the outbox from time to time, or by hand: sweep, replay, purge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kernel import clock, wiring
from kernel.deleting import delete_in_batches
from kernel.errors import Conflict, NotFound
from kernel.ids import first_id_at
from kernel.outbox.books import bookkeeping
from kernel.outbox.handlers import policy_for
from kernel.outbox.models import MessageState, OutboxMessage, Turn
from kernel.outbox.reach import in_each_reachable, refuse_if_away
from kernel.outbox.relay import jitter, log_dead, log_taken_back
from kernel.outbox.rings import Rings
from kernel.outbox.rules import delay_after_lost_lease
from kernel.outbox.turns import cancel_work_of_the_gone, overdue

# How long the doorbell of a fresh message has to be heard before the sweep rings again.
_GRACE = timedelta(seconds=3)
# How many workers one tenant's waiting work is rung for; each goes on by itself (kernel.outbox.serving).
_BELLS_OF_EACH = 4
_NOT_DEAD: Final = -1
_CANCELLED: Final = "cancelled"

rings: Final = Rings()


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found: leases taken back, messages given up, messages that were rung for."""

    taken_back: int
    given_up: int
    rung: tuple[UUID, ...]


def sweep(*, now: datetime | None = None, limit: int = 500) -> Swept:
    """Take back leases that ran out, and ring for what is due though nobody came: run it every few seconds.

    What waits for a tenant that is gone is cancelled.

    May run any number of times at once. Rings at most for `limit` messages of each sort, the oldest first, and for each
    at growing distances: a bell that nobody hears stays in the broker.
    """
    now = now or clock.now()
    found = in_each_reachable(partial(_look_here, now, limit))
    lost = [message for here in found for message in here.lost]
    due = {message_id: shard for here in found for message_id, shard in here.due.items()}
    dead = [message for message in lost if message.state == MessageState.DEAD]
    for message in lost:
        if message.state == MessageState.DEAD:
            log_dead(message, message.last_error)
        else:
            log_taken_back(message)
    again = {message.pk: message.shard for message in lost if message.state == MessageState.PENDING}
    at_once = [message.pk for message in lost if message.pk in again and message.available_at <= now]
    rung = tuple(dict.fromkeys([*at_once, *rings.choose(due, now=now)]))
    _ring(rung, due | again)
    return Swept(taken_back=len(lost) - len(dead), given_up=len(dead), rung=rung)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a sweep saw on one cluster: messages whose lease ran out, and the shards of those that are overdue."""

    lost: list[OutboxMessage]
    due: Mapping[UUID, int]


def _look_here(now: datetime, limit: int) -> _Seen:
    cancel_work_of_the_gone()
    with bookkeeping():
        expired = OutboxMessage.objects.filter(state=MessageState.LEASED, leased_until__lte=now).order_by("leased_until")
        lost = list(expired.select_for_update(skip_locked=True)[:limit])
        for message in lost:
            _take_back(message, now)
        OutboxMessage.objects.bulk_update(lost, ["state", "lost_leases", "available_at", "last_error"])
        return _Seen(lost, {one.id: one.shard for one in overdue(before=now - _GRACE, each=_BELLS_OF_EACH, limit=limit)})


def _ring(message_ids: Iterable[UUID], shards: Mapping[UUID, int]) -> None:
    by_shard: dict[int, list[UUID]] = defaultdict(list)
    for message_id in message_ids:
        by_shard[shards[message_id]].append(message_id)
    for shard, rung in by_shard.items():
        wiring.ring_doorbell(rung, shard=shard)


def replay(message_id: UUID, *, now: datetime | None = None) -> None:
    """Give a dead message a new life, with its attempts counted from nothing and no deadline, and ring for it.

    Raises `NotFound` for an unknown message and `Conflict` for one that is not dead: replaying twice replays once. And
    `ClusterAway` where it may be on one that does not answer.
    """
    found = [shard for shard in in_each_reachable(partial(_replay_here, message_id, now)) if shard is not None]
    if not found:
        refuse_if_away()
        raise NotFound(_("There is no such message."))
    if found == [_NOT_DEAD]:
        raise MessageNotDead(_("Only a message that was given up can be replayed."))
    wiring.ring_doorbell([message_id], shard=max(found))


def _replay_here(message_id: UUID, now: datetime | None) -> int | None:
    """The shard to ring for; `_NOT_DEAD`, or None where there is no such message."""
    with bookkeeping():
        message = OutboxMessage.objects.filter(pk=message_id)
        shard = message.values_list("shard", flat=True).first()
        return shard if shard is None or _revive(message, now) else _NOT_DEAD


def replay_all(*, tenant_id: UUID | None = None, now: datetime | None = None) -> int:
    """Give all dead messages, or those of one tenant, a new life; tells how many. The sweep rings for them in turn.

    Raises `ClusterAway` where not all clusters answer; it is done on the others.
    """
    count = sum(in_each_reachable(partial(_replay_all_here, tenant_id, now)))
    refuse_if_away()
    return count


def _replay_all_here(tenant_id: UUID | None, now: datetime | None) -> int:
    with bookkeeping():
        dead = OutboxMessage.objects.all()
        return _revive(dead if tenant_id is None else dead.filter(tenant_id=tenant_id), now)


def _revive(messages: QuerySet[OutboxMessage], now: datetime | None) -> int:
    return messages.filter(state=MessageState.DEAD).update(
        state=MessageState.PENDING, attempts=0, lost_leases=0, available_at=now or clock.now(), last_error="", deadline_at=None
    )


def cancel(message_id: UUID, *, by: str) -> None:
    """Take back a message that waits or was given up: nobody will handle it. `by` stands in its row.

    Raises `NotFound` for an unknown message and `Conflict` for one that a worker has, or that is done: that cannot be undone.
    And `ClusterAway` where it may be on one that does not answer.
    """
    found = in_each_reachable(partial(_cancel_here, message_id, by))
    if _CANCELLED in found:
        return
    if not any(found):
        refuse_if_away()
        raise NotFound(_("There is no such message."))
    raise MessageNotWaiting(_("Only what waits, or was given up, can be cancelled."))


def _cancel_here(message_id: UUID, by: str) -> str:
    """`_CANCELLED`, what else there is of the message, or nothing."""
    with bookkeeping():
        message = OutboxMessage.objects.filter(pk=message_id)
        if _cancel(message, by):
            return _CANCELLED
        return "there" if message.exists() else ""


def cancel_all(*, tenant_id: UUID, by: str) -> int:
    """Take back all that waits for one tenant, or was given up; tells how many. What workers have goes on.

    Raises `ClusterAway` where not all clusters answer; it is done on the others.
    """
    count = sum(in_each_reachable(partial(_cancel_all_here, tenant_id, by)))
    refuse_if_away()
    return count


def _cancel_all_here(tenant_id: UUID, by: str) -> int:
    with bookkeeping():
        return _cancel(OutboxMessage.objects.filter(tenant_id=tenant_id), by)


def _cancel(messages: QuerySet[OutboxMessage], by: str) -> int:
    open_ones = messages.filter(state__in=(MessageState.PENDING, MessageState.DEAD))
    return open_ones.update(state=MessageState.CANCELLED, last_error=f"cancelled by {by}", done_at=clock.now())


class MessageNotWaiting(Conflict):
    """The message is being handled, done, or cancelled already."""

    code = "message_not_waiting"


class MessageNotDead(Conflict):
    """The message is waiting, being handled, or done: there is nothing to replay."""

    code = "message_not_dead"


def wake(*, tenant_id: UUID, now: datetime | None = None) -> int:
    """Make what waited for a tenant to be served again due at once; the sweep rings. Tells how many.

    May be called again. What waits for its time, or for somebody else's `Retry-After`, goes on waiting, and what is on
    a cluster that is away, which serves nobody, until its next look.
    """
    return sum(in_each_reachable(partial(_wake_here, tenant_id, now or clock.now())))


def _wake_here(tenant_id: UUID, now: datetime) -> int:
    with bookkeeping():
        parked = OutboxMessage.objects.filter(tenant_id=tenant_id, state=MessageState.PENDING, is_parked=True)
        return parked.update(available_at=now, is_parked=False)


def withdraw(*, tenant_id: UUID, now: datetime | None = None) -> bool:
    """Delete the messages of a tenant that is being closed; whether a worker is still at one of them. May be called again.

    A handler that runs is left to finish: what it writes must not appear after everything else was taken away.
    """
    return any(wiring.in_each_cluster(partial(_withdraw_here, tenant_id, now or clock.now())))


def _withdraw_here(tenant_id: UUID, now: datetime) -> bool:
    with bookkeeping():
        messages = OutboxMessage.objects.filter(tenant_id=tenant_id)
        live = Q(state=MessageState.LEASED, leased_until__gt=now)
        messages.exclude(live).delete()
        Turn.objects.filter(tenant_id=tenant_id).delete()
        return messages.exists()


def is_worked_for(*, tenant_id: UUID, now: datetime | None = None) -> bool:
    """Whether a worker is at a message of the tenant; nobody begins with one while it is not served."""
    return any(wiring.in_each_cluster(partial(_is_worked_for_here, tenant_id, now or clock.now())))


def _is_worked_for_here(tenant_id: UUID, now: datetime) -> bool:
    with bookkeeping():
        messages = OutboxMessage.objects.filter(tenant_id=tenant_id, state=MessageState.LEASED)
        return messages.filter(leased_until__gt=now).exists()


def purge(*, older_than: datetime) -> int:
    """Delete messages that were done or cancelled before `older_than`, in small batches; dead ones stay. Tells how many."""
    return sum(in_each_reachable(partial(_purge_here, older_than)))


def _purge_here(older_than: datetime) -> int:
    over = (MessageState.DONE, MessageState.CANCELLED)
    with wiring.enter_books(reason="outbox purge"):
        # The id holds the time it was made, so the primary key leads to the old rows without an index of their own.
        old = OutboxMessage.objects.filter(pk__lt=first_id_at(older_than), state__in=over, done_at__lt=older_than)
        return delete_in_batches(old.order_by("pk"))


def _take_back(message: OutboxMessage, now: datetime) -> None:
    """Change `message` (not saved) into what follows from the loss of its worker."""
    message.lost_leases += 1
    message.last_error = f"the lease of {message.lease_owner} ran out"
    delay = delay_after_lost_lease(message.lost_leases, policy=policy_for(message), jitter=jitter())
    if delay is None:
        message.state = MessageState.DEAD
        return
    message.state = MessageState.PENDING
    message.available_at = now + delay
