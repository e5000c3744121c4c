"""A job exists exactly when the change that asks for it does, once for its key, and is done under the limits of its kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection, transaction

from kernel import clock
from kernel.events import NotInTransaction
from kernel.jobs import Job, JobTooLarge, UnknownJob, enqueue
from kernel.messages import Message
from kernel.outbox import relay
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.relay import Outcome, deliver
from kernel.outbox.serving import serve
from kernel.outbox.shards import LONG_SHARD, PLATFORM_SHARD, shard_of
from kernel.outbox.upkeep import sweep
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import owner_scope, platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.kernel import job_samples, samples
from tests.kernel.job_samples import Count, Expire, Hurry, Sweep, Tell, Unlisted
from tests.kernel.outbox_messages import claim

pytestmark = [pytest.mark.proves("faults.jobs"), pytest.mark.usefixtures("committed", "wired")]

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def asked(job: Job, *, tenant: TenantContext | None = None, **how) -> UUID:
    """The id of a job that was just enqueued, in a tenant or on the platform."""
    scope = platform_scope(reason="test") if tenant is None else tenant_scope(tenant)
    with scope, transaction.atomic():
        return enqueue(job, **how)


def work_off(shard: int) -> list[Outcome]:
    """Everything that may begin now, however slow the machine is."""
    return serve(shard, seconds=60)


def row(job_id: UUID) -> OutboxMessage:
    return OutboxMessage.objects.get(pk=job_id)


def test_a_job_waits_in_the_queue_of_its_tenant_and_rings_for_it(tenant) -> None:
    job_id = asked(Sweep(3), tenant=tenant)

    job = row(job_id)
    assert (job.tenant_id, job.event_type, job.payload) == (tenant.id, "job_samples.sweep.v1", {"room": 3})
    assert (job.state, job.shard, job.deadline_at) == (MessageState.PENDING, shard_of(tenant.id), None)
    assert (samples.rung, samples.shards_rung) == ([job_id], [shard_of(tenant.id)])


def test_the_platforms_and_long_jobs_have_queues_of_their_own(tenant) -> None:
    assert row(asked(Sweep(1))).shard == PLATFORM_SHARD
    assert row(asked(Count(3), tenant=tenant)).shard == LONG_SHARD


def test_a_job_whose_change_is_rolled_back_does_not_exist(tenant) -> None:
    def ask_and_fail() -> None:
        with tenant_scope(tenant), transaction.atomic():
            enqueue(Sweep(3))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_and_fail()

    assert not OutboxMessage.objects.exists()
    assert samples.rung == []


def test_outside_of_a_transaction_nothing_is_enqueued() -> None:
    with pytest.raises(NotInTransaction):
        enqueue(Sweep(3))


def test_with_the_same_key_a_job_exists_once_in_its_tenant_also_when_it_is_done(tenant) -> None:
    other = context_for(BETA_ID)
    first = asked(Sweep(1), tenant=tenant, key="spring")

    again = asked(Sweep(2), tenant=tenant, key="spring")
    elsewhere = asked(Sweep(3), tenant=other, key="spring")
    on_platform = {asked(Sweep(4), key="spring"), asked(Sweep(5), key="spring")}
    work_off(shard_of(tenant.id))
    after = asked(Sweep(6), tenant=tenant, key="spring")

    assert first == again == after
    assert elsewhere != first
    assert len(on_platform) == 1
    assert row(first).payload == {"room": 1}
    assert OutboxMessage.objects.count() == 3


def test_racers_with_one_key_enqueue_one_job(race) -> None:
    ids = race(8, lambda number: asked(Sweep(number), key="once"))

    assert len(set(ids)) == 1
    assert OutboxMessage.objects.count() == 1


@pytest.mark.control
def test_without_the_unique_key_each_racer_enqueues_its_own(race) -> None:
    """Negative control: the same race for the same key."""
    with no_unique_key():
        ids = race(8, lambda number: asked(Sweep(number), key="once"))
        made = OutboxMessage.objects.count()

    assert len(set(ids)) == made == 8


@contextmanager
def no_unique_key() -> Iterator[None]:
    """The index is away; the door inserts as it does, and names no index that PostgreSQL would miss."""
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_functiondef(oid), pg_get_indexdef('outbox_key_once'::regclass) FROM pg_proc"
            " WHERE proname = 'enqueue_job' AND 'request_id' = ANY(proargnames)"
        )
        door, index = cursor.fetchone()
        cursor.execute("DROP INDEX public.outbox_key_once")
        cursor.execute(door.replace("ON CONFLICT (tenant_id, key) WHERE key <> ''", "ON CONFLICT"))
    try:
        yield
    finally:
        with owner_scope(reason="test"), connection.cursor() as cursor:
            cursor.execute(door)
            cursor.execute("TRUNCATE public.outbox_message")
            cursor.execute(index)


def test_a_key_whose_row_is_purged_while_it_is_asked_for_is_the_new_jobs(tenant) -> None:
    old = asked(Sweep(1), key="once", tenant=tenant)
    OutboxMessage.objects.update(state=MessageState.DONE)

    with purging_after_each_insert():
        new = asked(Sweep(2), key="once", tenant=tenant)

    assert new != old
    assert (row(new).key, row(new).state) == ("once", MessageState.PENDING)
    assert not OutboxMessage.objects.filter(pk=old).exists()


@contextmanager
def purging_after_each_insert() -> Iterator[None]:
    """What is done goes away after every insert, also after one that found its key taken: no luck is needed."""
    with owner_scope(reason="test"), connection.cursor() as cursor:
        cursor.execute(_PURGE_AT_ONCE)
    try:
        yield
    finally:
        with owner_scope(reason="test"), connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION public.purge_at_once CASCADE")


_PURGE_AT_ONCE = """
    CREATE FUNCTION public.purge_at_once() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN DELETE FROM public.outbox_message WHERE state = 'done'; RETURN NULL; END
    $$;
    CREATE TRIGGER purge_at_once AFTER INSERT ON public.outbox_message
    FOR EACH STATEMENT EXECUTE FUNCTION public.purge_at_once();
"""


@pytest.mark.parametrize(
    ("job", "key", "error"),
    [(Unlisted(), "", UnknownJob), (Tell("x" * 5000), "", JobTooLarge), (Tell("x"), "k" * 201, JobTooLarge)],
)
def test_what_is_in_no_table_or_too_large_is_refused(job, key, error) -> None:
    with pytest.raises(error):
        asked(job, key=key)

    assert not OutboxMessage.objects.exists()


def test_a_job_for_later_waits_for_its_time(tenant) -> None:
    with time_machine.travel(NOON, tick=False):
        job_id = asked(Sweep(1), tenant=tenant, begins_at=NOON + timedelta(hours=1))
        early = work_off(shard_of(tenant.id))
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        late = work_off(shard_of(tenant.id))

    assert (early, late) == ([], [Outcome.DONE])
    assert samples.rung == []
    assert row(job_id).done_at == NOON + timedelta(hours=1)


def test_a_kind_says_how_often_and_at_what_distances_a_failure_is_tried_again(tenant, monkeypatch) -> None:
    monkeypatch.setattr("kernel.outbox.relay.jitter", lambda: 1.0)
    job_samples.acts.append(lambda: 1 / 0)
    with time_machine.travel(NOON, tick=False):
        job_id = asked(Sweep(1), tenant=tenant)
        first = work_off(shard_of(tenant.id))
        waits_until = row(job_id).available_at
    with time_machine.travel(NOON + timedelta(seconds=5), tick=False):
        second = work_off(shard_of(tenant.id))

    assert (first, second) == ([Outcome.RETRY], [Outcome.DEAD])
    assert waits_until == NOON + timedelta(seconds=5)
    assert (row(job_id).state, row(job_id).last_error) == (MessageState.DEAD, "ZeroDivisionError: division by zero")


def test_a_job_that_nobody_came_to_before_its_deadline_is_not_begun(tenant) -> None:
    with time_machine.travel(NOON, tick=False):
        job_id = asked(Expire(), tenant=tenant)
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        outcomes = work_off(shard_of(tenant.id))

    assert outcomes == [Outcome.CANCELLED]
    assert job_samples.calls == []
    assert row(job_id).last_error.startswith("TooLate: nobody came to it before 2026-06-01T13:00")


def test_a_lease_is_as_long_as_the_kind_says_and_else_the_usual(tenant) -> None:
    ends: list[datetime | None] = []

    def look() -> None:
        with platform_scope(reason="test"):
            ends.append(OutboxMessage.objects.get(state=MessageState.LEASED).leased_until)

    job_samples.acts.append(look)
    with time_machine.travel(NOON, tick=False):
        asked(Sweep(1), tenant=tenant)
        asked(Count(1), tenant=tenant)
        work_off(shard_of(tenant.id))
        work_off(LONG_SHARD)

    assert ends == [NOON + timedelta(seconds=15), NOON + timedelta(seconds=300)]


def test_the_lease_of_a_long_job_is_long_before_its_handler_begins(tenant, monkeypatch) -> None:
    job_id = asked(Count(3), tenant=tenant)
    load_event = relay.load_event

    def load_slowly(message: OutboxMessage) -> Message:
        later = clock.now() + timedelta(seconds=15)
        sweep(now=later)
        assert claim(limit=1, owner="second", now=later) == []
        return load_event(message)

    monkeypatch.setattr(relay, "load_event", load_slowly)

    assert deliver(job_id, owner="first") is Outcome.GOES_ON
    assert len(job_samples.calls) == 1


def test_a_job_that_has_begun_before_its_deadline_goes_on_after_it(tenant) -> None:
    with time_machine.travel(NOON, tick=False):
        job_id = asked(Count(3), tenant=tenant)
        OutboxMessage.objects.update(deadline_at=NOON + timedelta(hours=1))
        begun = serve(LONG_SHARD, seconds=0)
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        outcomes = work_off(LONG_SHARD)

    assert begun == [Outcome.GOES_ON]
    assert outcomes == [Outcome.GOES_ON, Outcome.DONE]
    assert row(job_id).state == MessageState.DONE


@pytest.mark.parametrize(
    ("rest", "state", "error"),
    [
        (Tell("first"), MessageState.DEAD, "StandsStill"),
        (Tell("x" * 5000), MessageState.PENDING, "JobTooLarge"),
        (Tell(object()), MessageState.PENDING, ""),
    ],
    ids=["the same", "too large", "unstorable"],
)
def test_a_part_that_cannot_follow_is_a_failure_of_the_handler(tenant, monkeypatch, rest, state, error) -> None:
    job_id = asked(Tell("first"), tenant=tenant)
    monkeypatch.setattr(job_samples, "handle", lambda _job: rest)

    work_off(shard_of(tenant.id))

    job = row(job_id)
    assert (job.state, job.attempts, job.payload) == (state, 1, {"text": "first"})
    assert job.last_error.startswith(error)
    assert job.last_error


def test_a_long_job_goes_on_part_by_part_and_others_get_their_turn_between(tenant) -> None:
    other = context_for(BETA_ID)
    long_one = asked(Count(3), tenant=tenant)
    asked(Count(1), tenant=other)

    outcomes = work_off(LONG_SHARD)

    assert [(key, job.reached) for key, job in job_samples.calls] == [
        (tenant.key, 0), (other.key, 0), (tenant.key, 1), (tenant.key, 2),
    ]  # fmt: skip
    assert outcomes == [Outcome.GOES_ON, Outcome.DONE, Outcome.GOES_ON, Outcome.DONE]
    assert (row(long_one).state, row(long_one).payload) == (MessageState.DONE, {"up_to": 3, "reached": 2})


def test_what_is_prompt_goes_before_what_is_patient_in_one_tenant(tenant) -> None:
    asked(Sweep(1), tenant=tenant)
    asked(Hurry(2), tenant=tenant)

    work_off(shard_of(tenant.id))

    assert [job.room for _scope, job in job_samples.calls] == [2, 1]


def test_a_job_of_one_tenant_runs_in_its_scope_and_never_in_its_twins(tenant) -> None:
    other = context_for(BETA_ID)
    for room in range(5):
        asked(Sweep(room), tenant=tenant)
        asked(Sweep(room), tenant=other)

    for shard in {shard_of(ALPHA_ID), shard_of(BETA_ID)}:
        work_off(shard)

    by_scope = {key: sorted(job.room for scope, job in job_samples.calls if scope == key) for key in (tenant.key, other.key)}
    assert by_scope == {tenant.key: [0, 1, 2, 3, 4], other.key: [0, 1, 2, 3, 4]}
    assert {scope for scope, _job in job_samples.calls} == {tenant.key, other.key}


def test_serving_ends_after_a_moment_and_rings_again(tenant) -> None:
    for room in range(3):
        asked(Sweep(room), tenant=tenant)
    samples.shards_rung.clear()

    outcomes = serve(shard_of(tenant.id), seconds=0)

    assert outcomes == [Outcome.DONE]
    assert samples.shards_rung == [shard_of(tenant.id)]
    assert OutboxMessage.objects.filter(state=MessageState.PENDING, available_at__lte=clock.now()).count() == 2
