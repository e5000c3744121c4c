"""What comes while an object is looked at is looked at by the same worker, within its lease."""

from __future__ import annotations

import pytest
import time_machine

from kernel import clock
from shared_apps.webhook_inbox import services
from shared_apps.webhook_inbox.services import apply_event
from tenants.scope import platform_scope
from tests.webhook_inbox.rig import events, states

pytestmark = [pytest.mark.django_db, pytest.mark.proves("faults.webhooks")]


def test_whoever_is_at_an_object_also_does_what_comes_for_it_meanwhile(rig, monkeypatch):
    customer_id = rig.customer("First")
    rig.take_in(*rig.sent())
    apply = rig.apply

    def slowly(kind: str, object_id: str):
        if not rig.looks:
            rig.rename(customer_id, "Second")
            rig.take_in(*rig.sent())
        return apply(kind, object_id)

    monkeypatch.setattr(services.applying.registry, "_appliers", {"customer": slowly})
    with platform_scope(reason="test"):
        apply_event(event_id=events()[0].event_id)

    assert len(rig.looks) == 2
    assert list(states().values()) == ["applied", "applied"]


def test_an_object_that_never_rests_does_not_keep_its_worker_for_ever(rig, monkeypatch):
    customer_id = rig.customer("Name 0")
    rig.take_in(*rig.sent())
    apply = rig.apply

    def never_resting(kind: str, object_id: str):
        rig.rename(customer_id, f"Name {len(rig.looks) + 1}")
        rig.take_in(*rig.sent())
        return apply(kind, object_id)

    monkeypatch.setattr(services.applying.registry, "_appliers", {"customer": never_resting})
    with platform_scope(reason="test"):
        apply_event(event_id=events()[0].event_id)

    assert len(rig.looks) == services.applying._LOOKS
    # Its job comes later, and finds it.
    assert list(states().values()).count("waiting") == 1


def test_after_a_slow_look_no_other_is_begun_under_the_same_lease(rig, monkeypatch):
    customer_id = rig.customer("Name 0")
    rig.take_in(*rig.sent())
    apply = rig.apply

    with time_machine.travel(clock.now(), tick=False) as traveller:

        def slowly(kind: str, object_id: str):
            rig.rename(customer_id, "Name 1")
            rig.take_in(*rig.sent())
            traveller.shift(services.applying._LONGEST * 2)
            return apply(kind, object_id)

        monkeypatch.setattr(services.applying.registry, "_appliers", {"customer": slowly})
        with platform_scope(reason="test"):
            apply_event(event_id=events()[0].event_id)

    assert len(rig.looks) == 1
