"""Every message reaches its handler at least once, whatever dies on the way, and only the holder of the lease settles it."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections import Counter
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kernel import clock
from kernel.events import publish
from kernel.outbox import leasing, relay
from kernel.outbox.books import bookkeeping
from kernel.outbox.leasing import lease_due
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.relay import Outcome, deliver
from kernel.outbox.serving import serve
from kernel.outbox.shards import PLATFORM_SHARD
from kernel.outbox.upkeep import sweep
from tenants.scope import tenant_scope
from tests.factories.connections import cut_connection
from tests.kernel import samples
from tests.kernel.outbox_messages import KETTLE, NOON, again, claim, deliver_due, fail, published
from tests.kernel.samples import KettleBoiled
from tests.kernel.victims import run_victim

pytestmark = [pytest.mark.proves("faults.outbox"), pytest.mark.usefixtures("committed", "wired")]

LEASE = timedelta(seconds=15)


def test_a_handler_gets_the_event_in_the_scope_of_its_tenant(tenant) -> None:
    with tenant_scope(tenant), transaction.atomic():
        publish(KettleBoiled(KETTLE, NOON, cups=2))
    message = OutboxMessage.objects.get()

    outcome = deliver(message.pk)

    assert outcome is Outcome.DONE
    assert samples.calls == [("pour_tea", KettleBoiled(KETTLE, NOON, cups=2), str(tenant.id))]
    message = again(message)
    assert (message.state, message.attempts, message.last_error) == (MessageState.DONE, 1, "")
    assert message.done_at is not None


def test_an_event_of_the_platform_is_handled_in_the_platforms_scope() -> None:
    message = published()

    deliver(message.pk)

    assert [scope for _handler, _event, scope in samples.calls] == ["platform"]


def test_a_message_is_handled_once_however_often_the_bell_rings() -> None:
    message = published()

    outcomes = [deliver(message.pk) for _ in range(3)]

    assert outcomes == [Outcome.DONE, Outcome.NOT_DUE, Outcome.NOT_DUE]
    assert len(samples.calls) == 1


def test_a_ring_for_an_unknown_message_is_harmless() -> None:
    assert deliver(uuid4()) is Outcome.NOT_DUE


def test_the_relay_holds_no_transaction_and_no_lock_while_the_handler_runs(race) -> None:
    message = published()
    seen: list[object] = []

    def look() -> None:
        seen.append(connection.in_atomic_block)
        seen.extend(race(1, lambda _number: lock_at_once(message.pk)))

    def lock_at_once(pk: UUID) -> str:
        with transaction.atomic():
            return OutboxMessage.objects.select_for_update(nowait=True).get(pk=pk).state

    samples.misbehave.append(look)
    deliver(message.pk)

    assert seen == [False, "leased"]


def test_delivering_inside_a_transaction_is_refused() -> None:
    message = published()

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        deliver(message.pk)

    assert again(message).state == MessageState.PENDING
    assert samples.calls == []


def test_a_message_whose_handler_failed_comes_back_a_little_later() -> None:
    message = published()
    fail(ValueError("no milk"))

    tomorrow = clock.now() + timedelta(days=1)

    with time_machine.travel(tomorrow, tick=False):
        outcome = deliver(message.pk)

    message = again(message)
    assert outcome is Outcome.RETRY
    assert (message.state, message.attempts, message.last_error) == (MessageState.PENDING, 1, "ValueError: no milk")
    assert timedelta(seconds=8) <= message.available_at - tomorrow <= timedelta(seconds=12)


def test_a_message_that_waits_for_its_next_try_is_left_alone() -> None:
    message = published()
    fail(ValueError("no milk"))
    deliver(message.pk)

    assert deliver(message.pk) is Outcome.NOT_DUE
    assert deliver_due() == []


def test_a_poison_message_dies_after_its_last_try_and_the_queue_moves_on(settings, caplog) -> None:
    settings.OUTBOX_MAX_ATTEMPTS = 3
    poison, healthy = published(KettleBoiled(KETTLE, NOON, cups=666)), published()

    def spoil() -> None:
        if samples.calls[-1][1].cups == 666:
            raise ValueError("poison")

    samples.misbehave.append(spoil)
    outcomes = []
    for day in range(5):
        with time_machine.travel(clock.now() + timedelta(days=day), tick=False):
            outcomes += deliver_due()

    assert Counter(outcomes) == {Outcome.RETRY: 2, Outcome.DEAD: 1, Outcome.DONE: 1}
    assert again(poison).state == MessageState.DEAD
    assert again(healthy).state == MessageState.DONE
    (said,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert (said.message, said.outbox_message) == ("outbox message is dead", str(poison.pk))


def test_a_handler_that_breaks_its_connection_is_still_recorded() -> None:
    message = published()

    samples.misbehave.append(cut_connection)

    assert deliver(message.pk) is Outcome.RETRY
    assert again(message).last_error.startswith("OperationalError")


def test_a_worker_that_was_stopped_for_longer_than_its_lease_loses_to_the_one_that_took_over() -> None:
    message = published()
    outcomes: list[Outcome] = []

    def sleep_too_long() -> None:
        samples.misbehave.clear()
        swept = sweep(now=clock.now() + LEASE)
        assert swept.rung == (message.pk,)
        with time_machine.travel(clock.now() + LEASE, tick=False):
            outcomes.append(deliver(message.pk, owner="second"))

    samples.misbehave.append(sleep_too_long)
    outcomes.append(deliver(message.pk, owner="first"))

    assert outcomes == [Outcome.DONE, Outcome.LEASE_LOST]
    settled = again(message)
    assert (settled.state, settled.lease_owner, settled.lease_token) == (MessageState.DONE, "second", 2)


def test_the_late_failure_of_a_lost_lease_does_not_undo_the_success_of_the_next() -> None:
    (stale,) = _leased_twice()

    assert relay._settle(stale, state=MessageState.DEAD) is False
    assert again(stale).state == MessageState.LEASED


@pytest.mark.control
def test_without_the_fence_the_late_worker_would_have_its_way() -> None:
    """The negative control of the two tests above: the same story, settled by state alone."""
    (stale,) = _leased_twice()

    unfenced = OutboxMessage.objects.filter(pk=stale.pk, state=MessageState.LEASED)

    assert unfenced.update(state=MessageState.DEAD) == 1


def _leased_twice() -> list[OutboxMessage]:
    """A message under its second lease, as the holder of the first remembers it."""
    published()
    now = clock.now()
    first = claim(limit=1, owner="first", now=now)
    sweep(now=now + LEASE)
    assert len(claim(limit=1, owner="second", now=now + LEASE)) == 1
    return first


def test_a_failure_that_comes_after_the_lease_was_lost_is_not_recorded() -> None:
    message = published()

    def sleep_too_long_and_fail() -> None:
        later = clock.now() + LEASE
        sweep(now=later)
        claim(limit=1, owner="second", now=later)
        raise ValueError("too late")

    samples.misbehave.append(sleep_too_long_and_fail)

    assert deliver(message.pk, owner="first") is Outcome.LEASE_LOST
    assert (again(message).state, again(message).lease_owner) == (MessageState.LEASED, "second")


def test_two_workers_never_hold_the_same_lease(race) -> None:
    for _ in range(100):
        published()

    def work(number: int) -> list[UUID]:
        mine: list[UUID] = []
        while claimed := claim(limit=3, owner=str(number)):
            mine += [message.pk for message in claimed]
        return mine

    held = [pk for mine in race(8, work) for pk in mine]

    assert len(held) == len(set(held)) == 100
    assert set(OutboxMessage.objects.values_list("lease_token", "attempts")) == {(1, 1)}


def _does_anybody_wait_for_me() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid")
        return bool(cursor.fetchone()[0])


def _claims_of_two_who_meet(race) -> list[UUID]:
    """What two workers lease of one message when the second asks before the first has committed: no luck is needed."""
    message = published()
    first_has_it, second_is_through = threading.Event(), threading.Event()
    deadline = time.monotonic() + 30

    def work(number: int) -> list[UUID]:
        if number:
            first_has_it.wait(30)
            mine = claim(limit=1, owner="second")
            second_is_through.set()
        else:
            with bookkeeping():
                mine = lease_due(OutboxMessage.objects.all(), limit=1, owner="first", now=clock.now())
                first_has_it.set()
                while not (second_is_through.wait(0.01) or _does_anybody_wait_for_me()):
                    assert time.monotonic() < deadline
        return [found.pk for found in mine]

    held = race(2, work)

    assert again(message).state == MessageState.LEASED
    return [pk for mine in held for pk in mine]


def test_two_workers_that_meet_at_a_message_do_not_hold_the_same_lease(race) -> None:
    assert len(_claims_of_two_who_meet(race)) == 1


@pytest.mark.control
def test_without_the_row_lock_two_workers_do_hold_the_same_lease(race, monkeypatch) -> None:
    """The negative control of the test above."""
    monkeypatch.setattr(leasing, "_LEASE", leasing._LEASE.replace("FOR UPDATE SKIP LOCKED", ""))

    first, second = _claims_of_two_who_meet(race)

    assert first == second


def test_a_message_costs_a_statement_to_claim_and_one_to_settle_outside_of_any_transaction() -> None:
    published()

    with CaptureQueriesContext(connection) as asked:
        serve(PLATFORM_SHARD)

    verbs = [query["sql"].split()[0] for query in asked]
    # The last two find that nothing is left, of the platform's own and of any tenant's.
    assert verbs == ["WITH", "UPDATE", "WITH", "WITH"]


def test_a_connection_that_was_lost_while_a_handler_waited_for_others_costs_no_second_run() -> None:
    message = published()
    samples.misbehave.append(partial(cut_connection, is_noticed=False))

    assert deliver(message.pk) is Outcome.DONE
    assert again(message).state == MessageState.DONE
    assert len(samples.calls) == 1


def test_racing_deliveries_of_one_message_handle_it_once(race) -> None:
    message = published()

    outcomes = race(8, lambda _number: deliver(message.pk))

    assert Counter(outcomes) == {Outcome.DONE: 1, Outcome.NOT_DUE: 7}
    assert len(samples.calls) == 1


def test_a_message_whose_process_died_between_commit_and_doorbell_is_relayed(committed) -> None:
    ended = run_victim("commit")

    swept = sweep(now=clock.now() + timedelta(seconds=5))

    message = OutboxMessage.objects.get()
    assert ended == -signal.SIGKILL
    assert swept.rung == (message.pk,)
    assert samples.rung == [message.pk]
    assert [deliver(pk) for pk in samples.rung] == [Outcome.DONE]
    assert len(samples.calls) == 1


def test_a_message_whose_process_died_before_the_commit_does_not_exist(committed) -> None:
    ended = run_victim("almost_commit")

    assert ended == -signal.SIGKILL
    assert OutboxMessage.objects.count() == 0


def test_a_message_whose_worker_was_killed_is_handled_by_the_next(committed) -> None:
    message = published()
    samples.rung.clear()

    ended = run_victim("handle", str(message.pk))
    leased = again(message)
    swept = sweep(now=leased.leased_until)

    assert (ended, leased.state) == (-signal.SIGKILL, MessageState.LEASED)
    assert (swept.taken_back, swept.given_up, samples.rung) == (1, 0, [message.pk])
    with time_machine.travel(leased.leased_until, tick=False):
        assert deliver(message.pk) is Outcome.DONE
    assert (again(message).attempts, again(message).lost_leases) == (2, 1)
