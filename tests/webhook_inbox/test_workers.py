"""Workers that die between taking an event in and applying it, or meet at one object: nothing is lost or done by halves."""

from __future__ import annotations

import signal
import threading
from contextlib import nullcontext

import pytest
from django.conf import settings
from django.db import transaction

from kernel.db import insert_or_none
from kernel.errors import TemporaryFailure
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.relay import deliver
from shared_apps.webhook_inbox.appliers import Apply, registry
from shared_apps.webhook_inbox.jobs import ApplyWebhook
from shared_apps.webhook_inbox.models import WebhookEvent
from shared_apps.webhook_inbox.services import apply_event, applying, receive_webhook, receiving, register_applier
from tenants.scope import platform_scope
from tests.factories.children import child, die, exit_codes
from tests.factories.racing import race
from tests.factories.tenants import ALPHA_ID
from tests.webhook_inbox.rig import SECRET, Rig, events, job_states, states, work

pytestmark = [pytest.mark.usefixtures("own_database"), pytest.mark.proves("faults.webhooks")]


def _let_apply(apply: Apply) -> None:
    """In a process of its own, in which everybody takes part who does in service: this one alone."""
    registry._appliers.clear()
    register_applier("customer", apply)


def _receive(body: bytes, signature: str, moment: str) -> None:
    """In a process of its own: take an event in, and die at `moment`."""
    _let_apply(lambda _kind, _object_id: None)
    settings.OUTBOX_DOORBELL = "tests.factories.children.die"
    # The statement is a transaction by itself: within another one there is a moment after it and before the commit.
    around = transaction.atomic() if moment == "before the commit" else nullcontext()
    with platform_scope(reason="victim"), around:
        receive_webhook(body=body, header=signature, secrets=[SECRET])
        die()


def _apply(moment: str) -> None:
    """In a process of its own: do the job of the event, and die at `moment`."""
    _let_apply(die if moment == "while the object is looked at" else lambda _kind, _object_id: ALPHA_ID)
    settle = applying._settle

    def settle_and_die(*covered, **changes) -> None:
        if moment == "after it is written down":
            settle(*covered, **changes)
        die()

    applying._settle = settle_and_die
    with platform_scope(reason="victim"):
        deliver(OutboxMessage.objects.get(event_type=ApplyWebhook.event_type).pk)


def _killed(function, *arguments: object) -> None:
    [code] = exit_codes([child(function, *arguments)])
    assert code == -signal.SIGKILL


def test_killed_before_the_commit_nothing_is_there_and_stripe_sends_it_again():
    rig = Rig()
    rig.register()
    customer_id = rig.customer("First")
    (webhook,) = rig.sent()

    _killed(_receive, webhook.body, webhook.signature, "before the commit")
    left = (events(), job_states())
    rig.take_in(webhook)
    work()

    assert left == ([], [])
    assert rig.book.keys() == {customer_id}


def test_killed_between_the_commit_and_the_bell_the_job_is_there():
    rig = Rig()
    rig.register()
    customer_id = rig.customer("First")
    (webhook,) = rig.sent()

    _killed(_receive, webhook.body, webhook.signature, "before the bell")
    left = (list(states().values()), job_states())
    work()

    assert left == (["waiting"], ["pending"])
    assert rig.book.keys() == {customer_id}


def test_killed_when_the_owner_is_known_the_next_worker_notes_it_too():
    rig = Rig()
    rig.register()
    rig.customer("First")
    rig.take_in(*rig.sent())

    _killed(_apply, "after it is written down")
    with platform_scope(reason="test"):
        OutboxMessage.objects.filter(event_type=ApplyWebhook.event_type).update(state=MessageState.PENDING)
    work()

    # Erasing the organization takes along what is known to be its own.
    assert [event.tenant_id for event in events()] == [ALPHA_ID]


@pytest.mark.parametrize("moment", ["while the object is looked at", "before it is written down"])
def test_killed_while_applying_another_worker_does_it_once_more(moment):
    rig = Rig()
    rig.register()
    customer_id = rig.customer("First")
    rig.take_in(*rig.sent())

    _killed(_apply, moment)
    left = (list(states().values()), job_states())
    with platform_scope(reason="test"):
        # As the sweep does when the lease of the dead has run out.
        OutboxMessage.objects.filter(event_type=ApplyWebhook.event_type).update(state=MessageState.PENDING)
    work()

    assert left == (["waiting"], ["leased"])
    assert rig.looks == [("customer", customer_id)]
    assert set(states().values()) == {"applied"}


@pytest.mark.control
def test_without_a_job_in_the_same_transaction_the_event_would_lie_there(monkeypatch):
    rig = Rig()
    rig.register()
    rig.customer("First")
    monkeypatch.setattr(receiving, "_insert_with_job", insert_or_none)
    rig.take_in(*rig.sent())

    work()

    assert rig.looks == []
    with platform_scope(reason="test"):
        assert WebhookEvent.objects.get().state == "waiting"


class Slow:
    """An applier that two workers meet in: how many are in it at once, at most."""

    def __init__(self) -> None:
        self.inside = self.most = self.looks = 0
        self.results: list[object] = []
        self._lock = threading.Lock()
        self.second_came = threading.Event()

    def apply(self, _kind: str, _object_id: str) -> None:
        with self._lock:
            self.inside += 1
            self.looks += 1
            self.most = max(self.most, self.inside)
            if self.inside == 2:
                self.second_came.set()
        # With the guard nobody comes, and the wait is what the other would need to get here without it.
        self.second_came.wait(1)
        with self._lock:
            self.inside -= 1


def two_workers(rig: Rig, monkeypatch) -> Slow:
    slow = Slow()
    monkeypatch.setattr(applying.registry, "_appliers", {"customer": slow.apply})
    customer_id = rig.customer("First")
    rig.rename(customer_id, "Second")
    for webhook in rig.sent():
        rig.take_in(webhook)
    ids = [event.event_id for event in events()]

    slow.results = race(2, lambda number: apply_event(event_id=ids[number]))
    return slow


def test_two_workers_are_never_at_one_object_together_and_neither_waits_for_the_other(monkeypatch):
    rig = Rig()

    slow = two_workers(rig, monkeypatch)

    assert (slow.most, slow.looks) == (1, 1)
    assert sorted(type(result) for result in slow.results if result) == [TemporaryFailure]
    assert set(states().values()) == {"applied"}


@pytest.mark.control
def test_without_the_lock_they_would_be(monkeypatch):
    monkeypatch.setattr(applying, "trying", lambda *_: nullcontext(enter_result=True))

    assert two_workers(Rig(), monkeypatch).most == 2
