"""The sweep finds what was lost, a dead message can be revived, old ones go, and the operator sees it all."""

from __future__ import annotations

import io
import logging
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from celery import Task
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from config import celery  # noqa: F401  # the app whose tasks ours are
from kernel import clock
from kernel.errors import NotFound, NotServedNow, TemporaryFailure
from kernel.events import publish
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.relay import Outcome, deliver
from kernel.outbox.selectors import get_outbox_status, queue_lines, shard_lines
from kernel.outbox.tasks import deliver_messages, purge_outbox, sweep_outbox
from kernel.outbox.upkeep import MessageNotDead, purge, replay, sweep, wake
from tenants.tasks import HEADER
from tests.kernel import samples
from tests.kernel.outbox_messages import again, claim, deliver_due, fail
from tests.kernel.samples import KettleBroke

pytestmark = pytest.mark.usefixtures("committed", "wired")

SOON = timedelta(seconds=5)
LEASE = timedelta(seconds=15)


def published(count: int = 1) -> list[OutboxMessage]:
    """Messages that just were published and whose doorbell nobody heard."""
    for _ in range(count):
        with transaction.atomic():
            publish(KettleBroke(uuid4()))
    OutboxMessage.objects.filter(handler__endswith="plumber").delete()
    samples.rung.clear()
    return list(OutboxMessage.objects.order_by("pk"))


def dead() -> OutboxMessage:
    (message,) = published()
    OutboxMessage.objects.update(state=MessageState.DEAD, attempts=8, lost_leases=1, last_error="ValueError: no milk")
    return message


def manage(*arguments: str) -> str:
    said = io.StringIO()
    call_command("outbox", *arguments, stdout=said)
    return said.getvalue().strip()


def work(task: Task, *arguments: object) -> None:
    """Run `task` as a worker does that got it from the platform's scope."""
    task.apply(arguments, headers={HEADER: "platform"}, throw=True)


def test_the_sweep_leaves_the_doorbell_a_moment_to_be_heard() -> None:
    published()

    assert sweep().rung == ()


@pytest.mark.proves("faults.outbox")
def test_the_sweep_rings_for_what_nobody_fetched_the_oldest_first() -> None:
    messages = published(3)

    swept = sweep(now=clock.now() + SOON, limit=2)

    assert samples.rung == [message.pk for message in messages[:2]]
    assert list(swept.rung) == samples.rung


def test_while_nobody_comes_the_sweep_rings_at_growing_distances() -> None:
    (message,) = published()
    start = clock.now() + SOON

    rung_after = [second for second in range(0, 3600, 2) if sweep(now=start + timedelta(seconds=second)).rung]

    assert rung_after == [0, 4, 12, 28, *range(58, 3600, 30)]
    assert set(samples.rung) == {message.pk}


def test_a_fresh_message_is_rung_for_whatever_the_others_wait_for() -> None:
    published()
    sweep(now=clock.now() + SOON)
    _old, fresh = published(1)

    assert sweep(now=clock.now() + SOON).rung == (fresh.pk,)


@pytest.mark.proves("faults.outbox")
def test_the_sweep_does_not_touch_a_lease_that_holds() -> None:
    published()
    claim(limit=1, owner="busy")

    swept = sweep(now=clock.now() + SOON)

    assert (swept.taken_back, swept.rung) == (0, ())
    assert OutboxMessage.objects.get().state == MessageState.LEASED


@pytest.mark.proves("faults.outbox")
def test_a_message_that_kills_its_workers_is_given_up_and_the_operator_is_told(caplog) -> None:
    (message,) = published()
    now = clock.now()
    ends = []

    for _ in range(3):
        now += timedelta(hours=1)
        claim(limit=1, owner="doomed", now=now)
        now += LEASE
        ends.append(sweep(now=now))

    message = OutboxMessage.objects.get()
    assert [(swept.taken_back, swept.given_up) for swept in ends] == [(1, 0), (1, 0), (0, 1)]
    assert (message.state, message.lost_leases, message.last_error) == (MessageState.DEAD, 3, "the lease of doomed ran out")
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == ["outbox message is dead"]


@pytest.mark.proves("faults.outbox")
def test_two_sweeps_at_once_take_a_lease_back_once(race) -> None:
    published(20)
    claim(limit=20, owner="gone")
    later = clock.now() + LEASE

    swept = race(4, lambda _number: sweep(now=later))

    assert sum(each.taken_back for each in swept) == 20
    assert set(OutboxMessage.objects.values_list("lost_leases", flat=True)) == {1}


@pytest.mark.proves("faults.outbox")
def test_a_dead_message_is_not_delivered_or_swept() -> None:
    message = dead()

    assert deliver(message.pk) is Outcome.NOT_DUE
    assert sweep(now=clock.now() + SOON).rung == ()


def test_a_replayed_message_starts_anew() -> None:
    message = dead()

    replay(message.pk)

    assert samples.rung == [message.pk]
    assert deliver(message.pk) is Outcome.DONE
    message = OutboxMessage.objects.get()
    assert (message.attempts, message.lost_leases, message.last_error) == (1, 0, "")


def test_only_a_dead_message_can_be_replayed() -> None:
    (message,) = published()

    with pytest.raises(MessageNotDead):
        replay(message.pk)
    with pytest.raises(NotFound):
        replay(uuid4())

    assert samples.rung == []


def test_a_purge_takes_what_was_done_long_ago_and_nothing_else() -> None:
    start = clock.now() - timedelta(days=30)
    with time_machine.travel(start, tick=False):
        old_done, old_dead, old_waiting = published(3)
        deliver(old_done.pk)
        OutboxMessage.objects.filter(pk=old_dead.pk).update(state=MessageState.DEAD)
    fresh_done = published()[-1]
    deliver(fresh_done.pk)

    purged = purge(older_than=clock.now() - timedelta(days=7))

    assert purged == 1
    assert set(OutboxMessage.objects.values_list("pk", flat=True)) == {old_dead.pk, old_waiting.pk, fresh_done.pk}


def test_a_message_that_was_made_long_ago_but_done_lately_is_kept() -> None:
    with time_machine.travel(clock.now() - timedelta(days=30), tick=False):
        published()
    deliver_due()

    assert purge(older_than=clock.now() - timedelta(days=7)) == 0


def test_the_status_counts_each_state_and_the_longest_wait() -> None:
    published(4)
    now = clock.now()
    deliver_due(limit=1)
    claim(limit=1, owner="busy")
    OutboxMessage.objects.filter(pk=OutboxMessage.objects.filter(state=MessageState.PENDING).latest("pk").pk).update(
        state=MessageState.DEAD
    )
    OutboxMessage.objects.filter(state=MessageState.PENDING).update(available_at=now)

    status = get_outbox_status(now=now + SOON)

    assert (status.pending, status.leased, status.done, status.dead, status.oldest_wait) == (1, 1, 1, 1, SOON)


def plan_of(query: str) -> str:
    """As PostgreSQL would go about it where reading the whole table costs more than anything, whatever is in there now."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {query}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_what_is_open_is_counted_by_small_indexes_and_not_by_reading_what_is_done() -> None:
    with CaptureQueriesContext(connection) as asked:
        shard_lines()
        queue_lines(limit=5)

    counting = [query["sql"] for query in asked if "GROUP BY" in query["sql"]]
    plans = [plan_of(query) for query in counting]
    assert len(plans) == 2
    for plan in plans:
        assert "outbox_dead" in plan
        assert "outbox_leased" in plan
        assert "Seq Scan" not in plan


@pytest.mark.control
def test_asked_for_by_a_list_of_states_all_would_be_read() -> None:
    asked = "SELECT shard, count(*) FROM outbox_message WHERE state IN ('pending', 'leased', 'dead') GROUP BY shard"

    assert "outbox_dead" not in plan_of(asked)


def test_an_empty_outbox_waits_for_nothing() -> None:
    assert get_outbox_status().oldest_wait == timedelta(0)


def test_the_tasks_deliver_sweep_and_purge() -> None:
    messages = published(2)

    work(deliver_messages, [str(message.pk) for message in messages])
    with time_machine.travel(clock.now() + timedelta(days=8), tick=False):
        work(sweep_outbox)
        work(purge_outbox)

    assert len(samples.calls) == 2
    assert OutboxMessage.objects.count() == 0


def test_the_command_tells_how_it_stands() -> None:
    published()

    assert manage("status").startswith("pending 1  leased 0  done 0  dead 0")


def test_when_a_tenant_is_served_again_what_waited_for_that_alone_is_due(tenant) -> None:
    parked, for_its_time, for_its_next_try = published(3)
    OutboxMessage.objects.update(tenant_id=tenant.id)
    OutboxMessage.objects.filter(pk=for_its_time.pk).update(available_at=clock.now() + timedelta(hours=1))
    fail(NotServedNow("suspended"))
    deliver(parked.pk)
    samples.misbehave.clear()
    fail(TemporaryFailure("429", retry_after_seconds=5000))
    deliver(for_its_next_try.pk)
    now = clock.now()

    woken = [wake(tenant_id=tenant.id, now=now) for _ in range(2)]

    assert woken == [1, 0]
    assert again(parked).available_at == now
    assert again(for_its_time).available_at > now + timedelta(minutes=50)
    assert again(for_its_next_try).available_at > now + timedelta(seconds=4900)


def test_the_command_sweeps_and_delivers_where_there_is_no_celery() -> None:
    with time_machine.travel(clock.now() - SOON, tick=False):
        published()

    assert manage("sweep") == "taken back 0  given up 0  rung 1"
    assert manage("sweep", "--deliver").endswith("handled 1")
    assert len(samples.calls) == 1


def test_the_command_purges() -> None:
    with time_machine.travel(clock.now() - timedelta(days=3), tick=False):
        published()
        deliver_due()

    assert manage("purge") == "purged 0"
    assert manage("purge", "--days", "2") == "purged 1"
