"""What is kept of events, for how long, and what goes with an organization."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel import clock
from provisioning.erasing.contents import ERASING, Fate
from shared_apps.webhook_inbox.models import ForgottenEvents, ReconcileRound, WebhookEvent
from shared_apps.webhook_inbox.services import forget_old_webhooks
from tenants.scope import platform_scope
from tests.webhook_inbox.rig import states

pytestmark = pytest.mark.django_db


def event(name: str, *, days: int, state: str = "applied") -> None:
    moment = clock.now() - timedelta(days=days)
    with platform_scope(reason="test"):
        WebhookEvent.objects.create(
            event_id=name, type="customer.updated", state=state, happened_at=moment, received_at=moment, payload={"a": 1}
        )


def bodies() -> dict[str, bool]:
    with platform_scope(reason="test"):
        return {name: payload is not None for name, payload in WebhookEvent.objects.values_list("event_id", "payload")}


def test_bodies_go_after_ninety_days_and_what_was_ignored_after_thirty():
    for name, days, state in (
        ("young", 89, "applied"),
        ("old", 91, "applied"),
        ("stuck", 91, "quarantined"),
        ("unknown", 29, "ignored"),
        ("forgotten", 31, "ignored"),
    ):
        event(name, days=days, state=state)

    with platform_scope(reason="test"):
        counts = [forget_old_webhooks(), forget_old_webhooks()]

    assert counts == [3, 0]
    assert bodies() == {"young": True, "old": False, "stuck": False, "unknown": True}
    assert states()["stuck"] == "quarantined"


def test_applied_events_go_after_half_a_year_and_their_number_stays():
    for name, days, state in (
        ("kept", 179, "applied"),
        ("stuck", 300, "quarantined"),
        ("waits", 300, "waiting"),
        ("one", 181, "applied"),
        ("two", 300, "applied"),
        ("three", 300, "applied"),
    ):
        event(name, days=days, state=state)

    with platform_scope(reason="test"):
        for _twice in range(2):
            forget_old_webhooks()

        assert set(states()) == {"kept", "stuck", "waits"}
        assert sorted(ForgottenEvents.objects.values_list("type", "count")) == [
            ("customer.updated", 1),
            ("customer.updated", 2),
        ]


def test_a_later_part_is_added_to_the_number_of_its_month():
    with platform_scope(reason="test"):
        for name in ("one", "two"):
            event(name, days=300)
            forget_old_webhooks()

        assert list(ForgottenEvents.objects.values_list("count", flat=True)) == [2]


def test_rounds_go_after_thirty_days():
    now = clock.now()
    with platform_scope(reason="test"):
        for days in (1, 29, 31):
            ReconcileRound.objects.create(slot_at=now - timedelta(days=days))

        forget_old_webhooks(now=now)

        assert ReconcileRound.objects.count() == 2


def test_an_erased_organizations_events_go_with_it():
    treatment = ERASING["webhook_inbox_webhookevent"]

    assert (treatment.fate, treatment.owner) == (Fate.GOES, "t.tenant_id")
