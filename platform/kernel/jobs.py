"""What is to be done, later and in a worker: written with the change that asks for it, done at least once (R36).

A job is a row of the outbox, as an event's is, with the same lease, fence, retries and dead letters (ADR 0012). What may be
enqueued stands in one table, `config.jobs.KINDS`, with its limits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from kernel import clock, wiring
from kernel.events import NotInTransaction
from kernel.ids import new_id
from kernel.messages import Message
from kernel.origins import current_origin
from kernel.outbox.gathering import gathering
from kernel.outbox.models import Priority
from kernel.outbox.rules import RetryPolicy
from kernel.outbox.shards import LONG_SHARD, shard_of

LONGEST_PAYLOAD: Final = 4096
LONGEST_KEY: Final = 200
LONGEST_LEASE_SECONDS: Final = 300

_ENQUEUE = "doors.enqueue_job(%s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s::smallint, %s, %s, %s)"


@dataclass(frozen=True)
class Job(Message):
    """The base of all jobs: a frozen dataclass, named as an order (`DrawPictures`), of ids and plain facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one sort of job is done. `handler` is the path of a function that takes the job, and nothing else.

    A handler that has done a part returns the job that is to follow, of the same class: its cursor. Parts take ten seconds at
    most (R38), so that others get their turn and a killed worker repeats little. The lease is what counts a worker as lost.
    After `deadline` it is not begun any more, but what has begun goes on. Long jobs wait in a queue of their own. For those
    that come in crowds one bell is rung for all of a moment (setting `BELLS_GATHERED_MS`).
    """

    handler: str
    attempts: int = 8
    first_delay: timedelta = timedelta(seconds=10)
    longest_delay: timedelta = timedelta(hours=1)
    lease_seconds: int = 15
    deadline: timedelta | None = None
    priority: Priority = Priority.PATIENT
    is_long: bool = False
    comes_in_crowds: bool = False

    @property
    def policy(self) -> RetryPolicy:
        """When a failure is tried again."""
        return RetryPolicy(max_attempts=self.attempts, first_delay=self.first_delay, longest_delay=self.longest_delay)


class UnknownJob(LookupError):
    """The class of a job does not stand in the table of kinds."""


class JobTooLarge(ValueError):
    """A job carries more than ids and plain facts: put what it needs into a table or a file, and name that."""


def enqueue(job: Job, *, key: str = "", begins_at: datetime | None = None) -> UUID:
    """Write `job` into the outbox, in the current transaction and for the tenant in scope; returns its id.

    The row exists if and only if the caller's change does. With a `key`, the first one counts: while its row is kept (a week
    after it was done) the same key gives the same id, whoever asks. Not before `begins_at`, where given.

    Raises:
        NotInTransaction: outside of `transaction.atomic()`.
        UnknownJob, JobTooLarge: a mistake in the code.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{job.event_type} must be enqueued in the transaction that asks for it")
    asked = asked_for(job, key=key, begins_at=begins_at)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked.call}", asked.values)
        (job_id,) = cursor.fetchone() or (asked.job_id,)
    if job_id == asked.job_id:
        asked.ring_on_commit()
    return UUID(str(job_id))


@dataclass(frozen=True, slots=True)
class Asked:
    """A job on its way into the outbox: `call` is what a statement must select with `values` so that it is there."""

    job_id: UUID
    kind: Kind
    tenant_id: UUID | None
    is_for_now: bool
    values: Sequence[Any]  # Any: what the driver takes
    call: str = _ENQUEUE

    def ring_on_commit(self) -> None:
        """Tell workers that it waits, once it does; at once where no transaction is open."""
        if self.is_for_now:
            transaction.on_commit(partial(_ring_for, self.kind, self.tenant_id, self.job_id), robust=True)


def asked_for(job: Job, *, key: str = "", begins_at: datetime | None = None) -> Asked:
    """What `enqueue` writes, for whoever writes the row that it is about by the same statement; then ring.

    Raises:
        UnknownJob, JobTooLarge: a mistake in the code.
    """
    kind, tenant_id, now = kind_of(type(job)), wiring.tenant_id(), clock.now()
    ends_at = None if kind.deadline is None else (begins_at or now) + kind.deadline
    row = (new_id(), job.event_type, kind.handler, payload_text(job), now, begins_at or now, ends_at, _checked(key))
    origin = current_origin()
    values = (*row, int(kind.priority), kind.is_long, origin.request_id, origin.actor)
    return Asked(row[0], kind, tenant_id, begins_at is None, values)


def _ring_for(kind: Kind, tenant_id: UUID | None, job_id: UUID) -> None:
    shard = LONG_SHARD if kind.is_long else shard_of(tenant_id)
    moment_ms = wiring.number("BELLS_GATHERED_MS", 0)
    if kind.comes_in_crowds and moment_ms:
        gathering.ring(shard, moment_seconds=moment_ms / 1000)
    else:
        wiring.ring_doorbell([job_id], shard=shard)


def kind_of(job_class: type[Message]) -> Kind:
    """The kind of a class of jobs.

    Raises:
        UnknownJob: it is in no table.
    """
    try:
        return kinds()[job_class]
    except KeyError:
        raise UnknownJob(f"{job_class.__qualname__} stands in no table of kinds (setting JOB_KINDS)") from None


def kinds() -> Mapping[type[Message], Kind]:
    """The table of everything that can be enqueued."""
    table: Mapping[type[Message], Kind] = wiring.job_kinds()
    return table


def payload_text(job: Job) -> str:
    """What is stored of `job`.

    Raises:
        TypeError, JobTooLarge: a mistake in the code that made it.
    """
    text = json.dumps(job.to_payload())
    if len(text) > LONGEST_PAYLOAD:
        raise JobTooLarge(f"{job.event_type} carries {len(text)} characters; {LONGEST_PAYLOAD} are allowed")
    return text


def _checked(key: str) -> str:
    if len(key) > LONGEST_KEY:
        raise JobTooLarge(f"the key {key[:40]}… has more than {LONGEST_KEY} characters")
    return key
