"""Among those who wait, the least served is next, within its plan's cap; a tenant with ten thousand jobs holds up nobody."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from kernel import clock
from kernel.locking import PATIENCE
from kernel.outbox import turns
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.relay import Outcome, run
from kernel.outbox.shards import LONG_SHARD
from kernel.outbox.turns import claim_in_turn
from kernel.outbox.upkeep import cancel, cancel_all, replay_all, sweep
from tenants.models import Tenant
from tenants.types import TenantStatus
from tests.factories.tenants import ALPHA_ID, BETA_ID, create_tenant
from tests.kernel import samples
from tests.kernel.outbox_messages import claim

pytestmark = [pytest.mark.proves("faults.jobs"), pytest.mark.usefixtures("committed", "wired")]
noise = pytest.mark.proves("faults.noise")

SHARD = 12
NOISY, QUIET, THIRD = (UUID(f"01900000-0000-7000-8000-000000000{number}c") for number in ("01", "02", "03"))
SOON = timedelta(seconds=5)


@pytest.fixture(autouse=True)
def neighbours(committed):
    """Three organizations that share a queue; nothing of their schemas is needed here."""
    for tenant_id, slug in ((NOISY, "noisy"), (QUIET, "quiet"), (THIRD, "third")):
        create_tenant(tenant_id, slug)
    yield
    Tenant.objects.filter(pk__in=(NOISY, QUIET, THIRD)).delete()


def waiting(tenant_id: UUID | None, count: int = 1, **fields: object) -> list[OutboxMessage]:
    """Jobs that wait, put there directly: none of their tenants' roles is needed."""
    now = clock.now()
    defaults: dict[str, object] = {
        "tenant_id": tenant_id,
        "event_type": "job_samples.sweep.v1",
        "handler": "tests.kernel.job_samples.handle",
        "payload": {"room": 1},
        "shard": SHARD,
        "available_at": now,
        "created_at": now,
    }
    return OutboxMessage.objects.bulk_create(OutboxMessage(**(defaults | fields)) for _ in range(count))


def next_turn() -> UUID | None:
    message = claim_in_turn(SHARD, owner="worker", now=clock.now())
    return message.tenant_id if message else None


@noise
def test_whoever_comes_behind_a_thousand_jobs_of_another_is_next_but_one() -> None:
    waiting(NOISY, 1000)
    waiting(QUIET)
    waiting(THIRD)

    assert {next_turn() for _ in range(3)} == {NOISY, QUIET, THIRD}


@noise
@pytest.mark.control
def test_in_the_order_of_arrival_others_wait_for_all_thousand() -> None:
    """The negative control of the test above."""
    waiting(NOISY, 1000)
    waiting(QUIET)

    served = [message.tenant_id for message in claim(limit=1001, owner="worker")]

    assert served.index(QUIET) == 1000


@noise
def test_when_everybody_has_plenty_each_is_served_in_turn() -> None:
    waiting(NOISY, 50)
    waiting(QUIET, 3)
    waiting(THIRD, 3)
    served = []

    while (message := claim_in_turn(SHARD, owner="worker", now=clock.now())) and len(served) < 9:
        served.append(message.tenant_id)
        OutboxMessage.objects.filter(pk=message.pk).update(state=MessageState.DONE)

    assert Counter(served) == {NOISY: 3, QUIET: 3, THIRD: 3}
    assert all(len(set(served[start : start + 3])) == 3 for start in (0, 3, 6))


@noise
def test_who_has_workers_comes_after_who_has_none() -> None:
    waiting(NOISY, 5, shard=1)
    OutboxMessage.objects.filter(shard=1).update(state=MessageState.LEASED, leased_until=clock.now() + SOON, shard=SHARD)
    waiting(NOISY)
    waiting(QUIET)

    assert next_turn() == QUIET


@pytest.mark.parametrize(("plan", "at_once"), [("stall", 2), ("studio", 4), ("hall", 8), ("of-tomorrow", 4)])
def test_a_tenant_has_as_many_workers_at_once_as_its_plan_allows(plan, at_once) -> None:
    Tenant.objects.filter(pk=NOISY).update(plan_code=plan)
    waiting(NOISY, 20)

    turns_given = [next_turn() for _ in range(12)]

    assert turns_given == [NOISY] * at_once + [None] * (12 - at_once)
    OutboxMessage.objects.filter(pk=OutboxMessage.objects.filter(state=MessageState.LEASED).first().pk).update(state="done")
    assert next_turn() == NOISY


@pytest.mark.parametrize(("at_once", "long_ones"), [(1, 1), (2, 1), (4, 3)])
def test_a_tenants_own_long_jobs_leave_a_worker_to_its_mail(settings, at_once, long_ones) -> None:
    settings.JOBS_AT_ONCE = {"default": at_once}
    waiting(NOISY, 10, shard=LONG_SHARD)
    waiting(NOISY)

    begun = [claim_in_turn(LONG_SHARD, owner="worker", now=clock.now()) for _ in range(10)]

    assert sum(message is not None for message in begun) == long_ones
    assert next_turn() == (NOISY if at_once > 1 else None)


def test_who_waits_for_a_turn_waits_briefly_and_a_stopped_worker_has_it_not_for_long(monkeypatch) -> None:
    lease, limits = turns.lease_due, []

    def note_limits(*arguments, **options):
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout')")
            limits.append(cursor.fetchone())
        return lease(*arguments, **options)

    waiting(NOISY)
    monkeypatch.setattr(turns, "lease_due", note_limits)
    next_turn()

    assert limits == [("100ms", "10s")]
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() != ("10s",)


def test_racing_workers_do_not_exceed_the_cap_together(race, settings, monkeypatch) -> None:
    # On a busy machine eight may need longer than production waits.
    monkeypatch.setattr(turns, "_PATIENCE", PATIENCE)
    settings.JOBS_AT_ONCE = {"default": 2}
    waiting(NOISY, 20)

    claimed = race(8, lambda number: claim_in_turn(SHARD, owner=str(number), now=clock.now()))

    assert sum(message is not None for message in claimed) == 2
    assert OutboxMessage.objects.filter(state=MessageState.LEASED).count() == 2


@pytest.mark.control
def test_without_the_turns_lock_two_workers_exceed_it(race, settings, monkeypatch) -> None:
    """The negative control: both have counted before either leases."""
    settings.JOBS_AT_ONCE = {"default": 1}
    waiting(NOISY, 20)
    # The first turn of all is a row that is inserted, which keeps them apart too.
    turns.Turn.objects.create(tenant_id=NOISY)
    both_have_counted = threading.Barrier(2)
    lease, lock = turns.lease_due, QuerySet.select_for_update

    def meet_and_lease(*arguments, **options):
        both_have_counted.wait(30)
        return lease(*arguments, **options)

    monkeypatch.setattr(turns, "lease_due", meet_and_lease)
    monkeypatch.setattr(
        QuerySet, "select_for_update", lambda self, **how: self.all() if self.model is turns.Turn else lock(self, **how)
    )
    race(2, lambda number: claim_in_turn(SHARD, owner=str(number), now=clock.now()))

    assert OutboxMessage.objects.filter(state=MessageState.LEASED).count() == 2


def test_a_turn_that_a_stopped_worker_holds_holds_up_nobody_else(race) -> None:
    turns.Turn.objects.create(tenant_id=NOISY)
    waiting(NOISY)
    waiting(QUIET)
    with transaction.atomic():
        turns.Turn.objects.select_for_update().get(pk=NOISY)

        served = race(1, lambda _number: [next_turn(), next_turn()])

    assert served == [[QUIET, None]]
    assert next_turn() == NOISY


@pytest.mark.parametrize("status", [TenantStatus.SUSPENDED, TenantStatus.MAINTENANCE, TenantStatus.CLOSING])
def test_the_work_of_a_tenant_that_is_not_served_waits_untouched_until_it_is(status) -> None:
    (job,) = waiting(NOISY)
    Tenant.objects.filter(pk=NOISY).update(status=status)

    meanwhile = next_turn()
    rung = sweep(now=clock.now() + SOON).rung
    Tenant.objects.filter(pk=NOISY).update(status=TenantStatus.ACTIVE)

    assert (meanwhile, rung) == (None, ())
    assert OutboxMessage.objects.get(pk=job.pk).attempts == 0
    assert sweep(now=clock.now() + SOON).rung == (job.pk,)
    assert next_turn() == NOISY


def test_a_tenant_that_is_suspended_between_claim_and_work_loses_no_attempt() -> None:
    waiting(NOISY)
    claimed = claim_in_turn(SHARD, owner="worker", now=clock.now())
    Tenant.objects.filter(pk=NOISY).update(status=TenantStatus.SUSPENDED)

    outcome = run(claimed)

    job = OutboxMessage.objects.get()
    assert (outcome, job.state, job.attempts) == (Outcome.PARKED, MessageState.PENDING, 0)


@pytest.mark.parametrize("meet", [next_turn, lambda: sweep().rung or None], ids=["worker", "sweep"])
@pytest.mark.parametrize("how", ["erased", "deleted"])
def test_the_work_of_a_tenant_that_is_gone_is_cancelled(how, meet) -> None:
    waiting(NOISY, 3)
    if how == "erased":
        Tenant.objects.filter(pk=NOISY).update(status=TenantStatus.ERASED)
    else:
        Tenant.objects.filter(pk=NOISY).delete()

    assert meet() is None
    assert set(OutboxMessage.objects.values_list("state", "last_error")) == {("cancelled", "the organization is gone")}


def test_other_queues_are_left_alone() -> None:
    waiting(ALPHA_ID, shard=10)

    assert next_turn() is None


def test_a_turn_costs_the_same_however_much_waits() -> None:
    waiting(NOISY, 2)
    waiting(QUIET, 2)
    served = {next_turn(), next_turn()}
    with CaptureQueriesContext(connection) as with_little:
        next_turn()
    waiting(NOISY, 500)
    waiting(QUIET, 500)

    with CaptureQueriesContext(connection) as with_much:
        next_turn()

    assert len(with_much) == len(with_little) > 0
    assert served == {NOISY, QUIET}


@noise
def test_after_a_flush_the_sweep_rings_for_everybody_whoever_has_how_much() -> None:
    waiting(NOISY, 600)
    (quiet,) = waiting(QUIET)
    (platforms,) = waiting(None, shard=16)

    rung = sweep(now=clock.now() + SOON, limit=500).rung

    assert {quiet.pk, platforms.pk} <= set(rung)
    assert len(rung) == 6
    assert set(samples.shards_rung) == {SHARD, 16}


def test_what_waits_can_be_cancelled_and_what_was_given_up_replayed_tenant_by_tenant() -> None:
    waiting(NOISY, 3, state=MessageState.DEAD, attempts=8)
    waiting(QUIET, 2, state=MessageState.DEAD)
    (alone,) = waiting(THIRD)
    waiting(BETA_ID, 2)
    cancel(alone.pk, by="ann")

    figures = replay_all(tenant_id=NOISY), cancel_all(tenant_id=BETA_ID, by="ann")

    assert figures == (3, 2)
    states = Counter(OutboxMessage.objects.values_list("tenant_id", "state"))
    assert states == {(NOISY, "pending"): 3, (QUIET, "dead"): 2, (THIRD, "cancelled"): 1, (BETA_ID, "cancelled"): 2}
    assert set(OutboxMessage.objects.filter(tenant_id=NOISY).values_list("attempts", flat=True)) == {0}
