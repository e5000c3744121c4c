"""What never came is found in Stripe's list, and each app compares its objects, every ten minutes (R32, F06)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from kernel import clock
from kernel.errors import TemporaryFailure
from shared_apps.webhook_inbox.models import ReconcileRound
from shared_apps.webhook_inbox.services import begin_round, reconcile_part, register_reconciler
from tenants.scope import platform_scope
from tests.webhook_inbox.rig import events, job_states, states, work

pytestmark = [pytest.mark.django_db, pytest.mark.proves("faults.webhooks")]


def reconcile() -> ReconcileRound:
    """A round by the clock, with the work that comes of it; how it went."""
    with platform_scope(reason="test"):
        begun = begin_round()
        assert begun is not None
    work()
    with platform_scope(reason="test"):
        return ReconcileRound.objects.get(pk=begun.pk)


@pytest.fixture
def travel(rig):
    """Our clock stands where Stripe's does, and goes on when it is told to."""
    with time_machine.travel(rig.local.now(), tick=False) as traveller:

        def pass_time(span: timedelta) -> None:
            rig.local.advance(int(span.total_seconds()))
            traveller.move_to(rig.local.now())

        yield pass_time


def test_events_that_were_lost_for_ever_are_found_and_applied(rig, travel):
    kept, lost = rig.customer("Came"), rig.customer("Lost")
    first, *_ = rig.sent()
    rig.take_in(first)

    done = reconcile()

    assert (done.listed, done.found, done.errors) == (2, 1, {})
    assert done.finished_at is not None
    assert rig.book.keys() == {kept, lost}
    assert [event.is_found for event in events()] == [False, True]


def test_a_price_that_nobody_told_of_is_found_and_holds_up_nothing_after_it(rig, travel):
    """Its amount is also a decimal number in a text, which Stripe's library reads as one."""
    rig.price(990)
    lost = rig.customer("Lost")

    done = reconcile()

    assert (done.errors, rig.book.keys()) == ({}, {lost})
    prices = [event.payload["unit_amount_decimal"] for event in events() if event.type == "price.created"]
    assert prices == ["990"]


def test_webhooks_of_three_days_ago_twice_and_backwards_change_nothing_after_the_round(rig, travel):
    customer_id = rig.customer("First")
    for name in ("Second", "Third"):
        rig.rename(customer_id, name)
    late = [webhook.event_id for webhook in rig.sent()]
    reconcile()
    found = dict(rig.book)
    travel(timedelta(days=3))

    for event_id in [*reversed(late), *late]:
        # Stripe signs anew whenever it sends.
        rig.take_in(rig.outgoing.signed(event_id))
        work()

    assert rig.book == found == {customer_id: ("Third", "ada@example.test")}
    assert len(events()) == 3
    assert reconcile().found == 0


def test_the_next_round_asks_from_the_last_one_on_with_an_overlap(rig, travel):
    rig.customer("Old")
    rig.sent()
    first = reconcile()
    travel(timedelta(hours=2))
    rig.customer("New")
    rig.sent()

    second = reconcile()

    assert first.since == first.seen_until - timedelta(days=30)
    assert second.since == first.seen_until - timedelta(hours=1)
    # What is older than the overlap is not asked for again.
    assert (second.listed, second.found) == (2, 1)


def test_while_stripe_is_away_nothing_counts_as_seen(rig, travel, monkeypatch):
    rig.customer("Lost")
    rig.sent()

    def away(*_: object) -> None:
        raise TemporaryFailure("Stripe is away")

    monkeypatch.setattr(rig.gateway.events, "since", away)
    failed = reconcile()
    monkeypatch.undo()
    monkeypatch.setattr("shared_apps.webhook_inbox.services.reconciling.configured_gateway", lambda: rig.gateway)
    travel(timedelta(minutes=10))

    assert failed.errors == {"events": "TemporaryFailure: Stripe is away"}
    assert failed.seen_until is None
    assert states() == {}


def test_after_an_outage_the_first_round_finds_all_of_it(rig, travel, monkeypatch):
    reconcile()
    for number in range(5):
        travel(timedelta(hours=5))
        rig.customer(f"Customer {number}")
    rig.sent()

    done = reconcile()

    assert done.found == 5
    assert len(rig.book) == 5


def test_each_app_compares_its_objects_and_one_that_fails_holds_up_nobody(rig, travel):
    ran = []

    def broken() -> int:
        ran.append("broken")
        raise TemporaryFailure("password=hush")

    def whole() -> int:
        ran.append("whole")
        return 3

    register_reconciler("catalogue", broken)
    register_reconciler("billing", whole)

    done = reconcile()

    assert ran == ["broken", "whole"]
    assert done.repaired == {"billing": 3}
    assert done.errors.keys() == {"catalogue"}
    assert "hush" not in done.errors["catalogue"]
    assert done.finished_at is not None


def test_ten_minutes_have_one_round_whoever_asks(rig, travel):
    with platform_scope(reason="test"):
        rounds = [begin_round() for _ in range(3)]
    travel(timedelta(minutes=10))
    with platform_scope(reason="test"):
        rounds.append(begin_round())

    assert [one is not None for one in rounds] == [True, False, False, True]
    assert len(job_states()) == 2


def test_a_part_that_is_done_again_after_the_end_changes_nothing(rig, travel):
    ran = []
    register_reconciler("billing", lambda: ran.append(1) or 1)
    done = reconcile()

    with platform_scope(reason="test"):
        assert reconcile_part(slot_at=done.slot_at, part=1) is None

    assert ran == [1]


def test_without_a_key_nobody_is_asked(rig, settings):
    settings.STRIPE_SECRET_KEY = ""

    with platform_scope(reason="test"):
        assert begin_round() is None
    assert job_states() == []


def test_what_was_nobodys_a_moment_ago_is_looked_at_again(rig, travel):
    customer_id = rig.customer("Not committed yet")
    rig.strangers.add(customer_id)
    rig.take_in(*rig.sent())
    work()
    before = states()
    rig.strangers.clear()
    travel(timedelta(minutes=10))

    reconcile()

    assert set(before.values()) == {"quarantined"}
    assert set(states().values()) == {"applied"}


def test_what_is_nobodys_for_long_is_left_to_a_person(rig, travel):
    rig.strangers.add(rig.customer("Made by hand"))
    rig.take_in(*rig.sent())
    work()
    travel(timedelta(hours=2))
    rig.strangers.clear()

    reconcile()

    assert set(states().values()) == {"quarantined"}
    assert clock.now() - events()[0].received_at == timedelta(hours=2)
