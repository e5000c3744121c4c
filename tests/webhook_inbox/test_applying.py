"""What workers make of events: the object is looked at, so that order, repetition and age of the news do not matter."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.actor import Actor
from kernel.errors import PermanentFailure, TemporaryFailure
from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.relay import Outcome
from shared_apps.audit.models import AuditEntry
from shared_apps.webhook_inbox import services
from shared_apps.webhook_inbox.errors import EventNotFound, EventUnderWay
from shared_apps.webhook_inbox.models import WebhookEvent
from shared_apps.webhook_inbox.selectors import get_event, inbox_status
from shared_apps.webhook_inbox.services import (
    apply_event,
    register_applier,
    release_quarantined,
    replay_event,
    replay_events,
    set_event_aside,
)
from shared_apps.webhook_inbox.types import Shown
from tenants.scope import platform_scope
from tests.factories.tenants import ALPHA_ID
from tests.webhook_inbox.rig import Rig, events, job_states, states, work

pytestmark = [pytest.mark.django_db, pytest.mark.proves("faults.webhooks")]

OPERATOR = Actor.operator(
    user_id=1, label="ann@stoa.example", capabilities=frozenset({"outbox.view", "outbox.replay", "outbox.cancel"})
)


def a_life(rig: Rig) -> str:
    """A customer who is made, renamed, gets another beside them, and goes."""
    customer_id = rig.customer("First")
    rig.rename(customer_id, "Second")
    rig.customer("Stays")
    rig.delete(customer_id)
    return customer_id


def forget_all(rig: Rig) -> None:
    with platform_scope(reason="test"):
        WebhookEvent.objects.all().delete()
        OutboxMessage.objects.all().delete()
    rig.book.clear()


def ended(rig: Rig) -> list[tuple[str, str]]:
    return sorted(rig.book.values())


def shown(event_id: str) -> Shown:
    with platform_scope(reason="test"):
        return get_event(OPERATOR, event_id).shown


def test_the_object_is_looked_at_and_not_what_the_event_says_of_it(rig):
    customer_id = rig.customer("Said")
    news = rig.sent()
    rig.rename(customer_id, "Is")
    rig.sent()

    rig.take_in(*news)
    work()

    assert rig.book == {customer_id: ("Is", "ada@example.test")}
    assert [event.tenant_id for event in events()] == [ALPHA_ID]
    assert job_states() == [MessageState.DONE]


def test_every_order_of_a_customers_life_ends_in_the_same(rig):
    a_life(rig)
    orders = list(permutations(rig.sent()))

    for order in orders:
        forget_all(rig)
        rig.take_in(*order)
        with platform_scope(reason="test"):
            for webhook in order:
                apply_event(event_id=webhook.event_id)
        assert ended(rig) == [("Stays", "ada@example.test")]
        assert set(states().values()) == {"applied"}
    assert len(orders) == 24


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_delivery_with_repetitions_and_work_in_between_ends_in_the_same(rig, data):
    """While Stripe goes on changing: some come before, some after the next change, some twice, some after all was applied."""
    forget_all(rig)
    news = []
    customer_id = rig.customer("First")
    for name in ("Second", "Third", ""):
        news += rig.sent()
        for webhook in data.draw(st.lists(st.sampled_from(news), max_size=4)):
            rig.take_in(webhook)
            if data.draw(st.booleans()):
                work()
        if name:
            rig.rename(customer_id, name)
    # Sooner or later each comes.
    rig.take_in(*data.draw(st.permutations(news)))

    work()

    assert rig.book == {customer_id: ("Third", "ada@example.test")}
    assert set(states().values()) == {"applied"}


@pytest.mark.control
def test_an_applier_that_believed_the_event_would_end_differently(rig, monkeypatch):
    customer_id = rig.customer("Old")
    rig.rename(customer_id, "New")
    believed = {}

    def believe(event: WebhookEvent) -> None:
        believed[event.object_id] = (event.payload or {})["name"]

    monkeypatch.setattr("shared_apps.webhook_inbox.services.applying._ask_applier", believe)
    for webhook in reversed(rig.sent()):
        rig.take_in(webhook)
        work()

    assert believed == {customer_id: "Old"}


def test_events_of_one_object_that_wait_together_make_us_look_once(rig):
    customer_id = rig.customer("First")
    for number in range(6):
        rig.rename(customer_id, f"Name {number}")
    other = rig.customer("Other")

    rig.take_in(*rig.sent())
    work()

    assert rig.looks == [("customer", customer_id), ("customer", other)]
    assert list(states().values()) == ["applied"] * 8
    assert job_states() == [MessageState.DONE] * 8


def test_what_comes_while_the_object_is_looked_at_makes_us_look_again(rig, monkeypatch):
    customer_id = rig.customer("First")
    rig.take_in(*rig.sent())
    apply = rig.apply

    def slowly(kind: str, object_id: str):
        found = apply(kind, object_id)
        if len(rig.looks) == 1:
            # Stripe has answered; now it changes, and says so before we have written down that we looked.
            rig.rename(customer_id, "Second")
            rig.take_in(*rig.sent())
        return found

    monkeypatch.setattr(services.applying.registry, "_appliers", {"customer": slowly})
    work()

    assert len(rig.looks) == 2
    assert rig.book[customer_id][0] == "Second"


def test_a_failure_is_noted_and_tried_again_until_it_works(rig):
    rig.customer("First")
    rig.trouble = [TemporaryFailure("Stripe is away"), TimeoutError("sk_live_abc too slow, password=hush")]
    rig.take_in(*rig.sent())

    assert work() == [Outcome.RETRY]
    (event,) = events()
    assert (event.state, event.failures, event.error) == ("waiting", 1, "Stripe is away")
    assert shown(event.event_id) is Shown.FAILING
    assert work(again_at_once=True) == [Outcome.RETRY, Outcome.DONE]
    (event,) = events()
    assert (event.state, event.failures, event.error) == ("applied", 2, "")


def test_what_fails_for_good_is_given_up_and_replayed_when_the_cause_is_mended(rig):
    customer_id = rig.customer("First")
    rig.trouble = [PermanentFailure("password=hush and no such column")]
    rig.take_in(*rig.sent())

    assert work() == [Outcome.DEAD]
    (event,) = events()
    assert shown(event.event_id) is Shown.GIVEN_UP
    assert "hush" not in event.error
    with platform_scope(reason="test"):
        replay_event(actor=OPERATOR, event_id=event.event_id)
    assert shown(event.event_id) is Shown.WAITING
    work()

    assert states() == {event.event_id: "applied"}
    assert rig.book[customer_id][0] == "First"
    # The letter of its first life is not replayed for nothing by somebody who looks at the jobs.
    assert job_states() == [MessageState.CANCELLED, MessageState.DONE]
    with platform_scope(reason="test"):
        assert list(AuditEntry.objects.values_list("action", "target")) == [("webhook.replayed", event.event_id)]


def test_what_another_event_has_settled_is_over_though_its_own_job_failed(rig):
    customer_id = rig.customer("First")
    first = rig.sent()
    rig.rename(customer_id, "Second")
    rig.trouble = [TemporaryFailure("away")]
    rig.take_in(*first)
    work()

    rig.take_in(*rig.sent())
    work()
    looks = len(rig.looks)
    work(again_at_once=True)

    assert set(states().values()) == {"applied"}
    assert len(rig.looks) == looks == 2


def test_what_waits_cannot_be_replayed_and_what_is_not_there_neither(rig):
    rig.customer()
    rig.take_in(*rig.sent())
    (event,) = events()

    with platform_scope(reason="test"):
        with pytest.raises(EventUnderWay):
            replay_event(actor=OPERATOR, event_id=event.event_id)
        with pytest.raises(EventNotFound):
            replay_event(actor=OPERATOR, event_id="evt_none")
    assert len(job_states()) == 1


def test_what_was_applied_can_be_replayed_and_ends_in_the_same(rig):
    customer_id = rig.customer("First")
    rig.take_in(*rig.sent())
    work()
    rig.book[customer_id] = ("Broken by hand", "")

    with platform_scope(reason="test"):
        replay_event(actor=OPERATOR, event_id=events()[0].event_id)
    work()

    assert rig.book == {customer_id: ("First", "ada@example.test")}


def test_an_object_of_nobody_is_in_quarantine_until_its_owner_is_known(rig):
    customer_id = rig.customer("Stranger")
    rig.strangers.add(customer_id)
    rig.take_in(*rig.sent())

    assert work() == [Outcome.DONE]
    (event,) = events()
    assert (event.state, event.reason, event.error) == ("quarantined", "nobodys", f"{customer_id} is nobody's")
    assert rig.book == {}
    rig.strangers.clear()
    with platform_scope(reason="test"):
        assert inbox_status(OPERATOR).stuck == 1
        assert release_quarantined(customer_ids=[customer_id]) == 1
    work()

    assert states() == {event.event_id: "applied"}
    assert customer_id in rig.book


def test_all_that_is_stuck_is_replayed_at_once(rig):
    strangers = {rig.customer("A"), rig.customer("B")}
    rig.strangers |= strangers
    failing = rig.customer("C")
    rig.take_in(*rig.sent())
    work()
    rig.trouble = [PermanentFailure("no")]
    rig.rename(failing, "D")
    rig.take_in(*rig.sent())
    work()
    rig.strangers.clear()

    with platform_scope(reason="test"):
        assert replay_events(actor=OPERATOR) == 3
    work()

    assert set(states().values()) == {"applied"}
    assert rig.book.keys() == strangers | {failing}


def test_what_is_set_aside_alarms_nobody_any_more_and_can_still_be_replayed(rig):
    rig.strangers.add(rig.customer())
    rig.take_in(*rig.sent())
    work()
    (event,) = events()

    with platform_scope(reason="test"):
        set_event_aside(actor=OPERATOR, event_id=event.event_id)

        assert inbox_status(OPERATOR).stuck == 0
        with pytest.raises(EventNotFound):
            set_event_aside(actor=OPERATOR, event_id=event.event_id)
    assert states() == {event.event_id: "ignored"}
    rig.strangers.clear()
    with platform_scope(reason="test"):
        replay_event(actor=OPERATOR, event_id=event.event_id)
    work()
    assert states() == {event.event_id: "applied"}


def test_what_comes_late_for_an_erased_organization_leaves_nothing_of_it(rig):
    """F33."""
    gone, here = "00000000-0000-4000-8000-00000000dead", str(ALPHA_ID)
    for tenant_id in (gone, here):
        rig.strangers.add(rig.customer("Canary", metadata={"tenant_id": tenant_id}))

    rig.take_in(*rig.sent())
    work()

    assert [event.state for event in events()] == ["quarantined"] * 2
    assert [event.payload is None for event in events()] == [True, False]


def test_events_of_a_customer_are_its_organizations_also_those_from_before(rig):
    rig.owner = None
    customer_id = rig.customer("First")
    rig.take_in(*rig.sent())
    work()
    before = [event.tenant_id for event in events()]
    rig.owner = ALPHA_ID
    rig.rename(customer_id, "Second")

    rig.take_in(*rig.sent())
    work()

    assert before == [None]
    assert [event.tenant_id for event in events()] == [ALPHA_ID] * 2


def test_a_kind_has_one_applier(rig):
    rig.register()

    with pytest.raises(ValueError, match="has an applier already"):
        register_applier("customer", lambda _kind, _object_id: None)
