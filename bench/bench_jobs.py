"""How long others' jobs wait for a worker while one tenant has thousands, against the same without it."""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connections

from bench.measure import Result, in_turns
from kernel import clock
from kernel.ids import new_id
from kernel.jobs import Job, Kind
from kernel.outbox.models import OutboxMessage
from kernel.outbox.relay import Outcome, own_name
from kernel.outbox.relay import run as handle
from kernel.outbox.serving import serve
from kernel.outbox.shards import TENANT_SHARDS, shard_of
from tenants.scope import platform_scope
from tests.factories.tenants import create_tenant
from tests.kernel.outbox_messages import claim

_WORKERS: Final = 2
_OTHERS: Final = 20
_THEIR_JOBS: Final = 100
_NOISY_JOBS: Final = 10_000
# Far from what the workers can do, so that what is measured is waiting for others and not for oneself.
_PAUSE_SECONDS: Final = 0.05
_WORK_SECONDS: Final = 0.005
_ROUNDS: Final = 3
_P95: Final = 94
_MILLI: Final = 1000
_DRAINED_SECONDS: Final = 120.0

_begun: dict[int, float] = {}
_lock = threading.Lock()
_bells: Counter[int] = Counter()
_order: list[int] = list(range(TENANT_SHARDS))
_stop = threading.Event()


@dataclass(frozen=True)
class Serve(Job):
    """A job of one of the others."""

    number: int


@dataclass(frozen=True)
class Crowd(Job):
    """One of the thousands."""


def note(job: Serve) -> None:
    """Remember when it was begun."""
    _begun[job.number] = time.monotonic()
    time.sleep(_WORK_SECONDS)


def keep_busy(_job: Crowd) -> None:
    """A while."""
    time.sleep(_WORK_SECONDS)


KINDS: Final = {Serve: Kind(handler="bench.bench_jobs.note"), Crowd: Kind(handler="bench.bench_jobs.keep_busy")}


def run() -> list[Result]:
    """`jobs.fairness`: the 95th of a hundred waits of other tenants' jobs; beside it one queue in order of arrival."""
    settings.JOB_KINDS = f"{__name__}.KINDS"
    settings.OUTBOX_DOORBELL = f"{__name__}.ring"
    others = [_tenant(f"other{number}") for number in range(_OTHERS)]
    noisy = _tenant("noisy")
    value, baseline = in_turns(
        lambda: _p95(others, noisy, _in_turn), lambda: _p95(others, None, _in_turn), n=_ROUNDS, warm_up=1
    )
    # A tenth of them: it is a minute otherwise.
    arrival = _p95(others, noisy, _in_order_of_arrival, crowd=_NOISY_JOBS // 10)
    note_ = f"one tenant has {_NOISY_JOBS} jobs, {_WORKERS} workers; by arrival, behind a tenth of them, {arrival:.0f} ms"
    return [Result("jobs.fairness", value, "ms p95", baseline, "lower", _ROUNDS, goal="<= 2000 ms", note=note_)]


def ring(_message_ids: Sequence[object] = (), *, shard: int) -> None:
    """One bell in the shard's queue, as an enqueued job or a worker that goes on leaves one. Here no Redis stands."""
    with _lock:
        _bells[shard] += 1


def _tenant(slug: str) -> UUID:
    tenant_id = new_id()
    create_tenant(tenant_id, slug)
    return tenant_id


def _p95(others: list[UUID], noisy: UUID | None, work: Callable[[], bool], *, crowd: int = _NOISY_JOBS) -> float:
    with platform_scope(reason="bench"):
        OutboxMessage.objects.all().delete()
        _bells.clear()
        if noisy:
            OutboxMessage.objects.bulk_create([_row(noisy, Crowd()) for _ in range(crowd)])
            # Each was asked for by itself and rang, and nobody came yet: as many bells as there can be.
            _bells[shard_of(noisy)] = crowd
    _begun.clear()
    asked: dict[int, float] = {}
    with _working(work):
        for number in range(_THEIR_JOBS):
            with platform_scope(reason="bench"):
                asked[number] = time.monotonic()
                _row(others[number % _OTHERS], Serve(number)).save(force_insert=True)
                ring(shard=shard_of(others[number % _OTHERS]))
            time.sleep(_PAUSE_SECONDS)
        deadline = time.monotonic() + _DRAINED_SECONDS
        while len(_begun) < _THEIR_JOBS and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)
    waits = [_begun.get(number, deadline) - moment for number, moment in asked.items()]
    return statistics.quantiles(waits, n=100)[_P95] * _MILLI


def _row(tenant_id: UUID, job: Job) -> OutboxMessage:
    now = clock.now()
    return OutboxMessage(
        tenant_id=tenant_id,
        shard=shard_of(tenant_id),
        event_type=job.event_type,
        handler=KINDS[type(job)].handler,
        payload=job.to_payload(),
        available_at=now,
        created_at=now,
    )


@contextmanager
def _working(work: Callable[[], bool]) -> Iterator[None]:
    _stop.clear()
    threads = [threading.Thread(target=_worker, args=(work,)) for _ in range(_WORKERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        _stop.set()
        for thread in threads:
            thread.join()


def _worker(work: Callable[[], bool]) -> None:
    try:
        with platform_scope(reason="bench"):
            while not _stop.is_set():
                if not work():
                    time.sleep(0.001)
    finally:
        connections.close_all()


def _in_turn() -> bool:
    """One bell, of the queue after the last one that has any: kombu's order."""
    with _lock:
        waiting = [shard for shard in _order if _bells[shard]]
        if not waiting:
            return False
        shard = waiting[0]
        _order.remove(shard)
        _order.append(shard)
        _bells[shard] -= 1
    serve(shard)
    return True


def _in_order_of_arrival() -> bool:
    return sum(handle(message) == Outcome.DONE for message in claim(limit=1, owner=own_name())) > 0
