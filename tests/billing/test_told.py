"""What owners and operators do about a subscription is told as theirs, with what it led from and to, and why."""

from __future__ import annotations

import pytest

from kernel.actor import Actor
from shared_apps.audit.models import AuditEntry
from shared_apps.billing.models import BillingCommand, Transition
from shared_apps.billing.services import (
    apply_subscription,
    cancel,
    cancel_now,
    change_plan,
    give_months,
    pause,
    preview_change,
    resume,
    withdraw_cancellation,
    withdraw_change,
)
from shared_apps.billing.types import CauseKind, State
from shared_apps.plans.types import Interval
from tests.billing.conftest import ANN
from tests.factories.tenants import ALPHA_ID

OPERATOR = Actor.operator(user_id=1, label="boss@stoa.example", capabilities=frozenset({"plans.edit"}))
MONTH = Interval.MONTH


@pytest.fixture
def paid(town):
    """Alpha pays for Studio, the trial over."""
    town.wait(days=15)
    return town.pay()


def _changed(plan: str, **more):
    preview = preview_change(actor=ANN, tenant_id=ALPHA_ID, plan_code=plan, interval=MONTH, **more)
    return change_plan(
        actor=ANN, tenant_id=ALPHA_ID, plan_code=plan, interval=MONTH, revision=preview.revision,
        prorated_at=preview.prorated_at, **more,
    )  # fmt: skip


def _told(action: str) -> tuple[str, str, str, dict[str, object]]:
    entry = AuditEntry.objects.get(action=action, tenant_id=ALPHA_ID)
    return entry.actor_label, entry.actor_kind, entry.reason, entry.data


def test_an_upgrade_with_seats_says_from_what_to_what(town, paid):
    _changed("hall", add_ons={"extra-provider": 2})

    facts = {"from": "Studio, month", "to": "Hall, month, 2 × One more provider"}
    assert _told("billing.plan_changed") == (ANN.label, "user", "", facts)


def test_a_downgrade_that_waits_is_told_with_its_day_and_so_is_taking_it_back(town, paid):
    planned = _changed("stall")
    withdraw_change(actor=ANN, tenant_id=ALPHA_ID, revision=planned.revision)

    day = paid.period_end_at.date().isoformat()
    assert _told("billing.change_planned")[3] == {"from": "Studio, month", "to": "Stall, month", "on": day}
    assert _told("billing.change_withdrawn")[3] == {"from": "Stall, month", "to": "Studio, month"}


def test_a_cancellation_is_told_with_its_reason_and_so_is_the_way_back(town, paid):
    ending = cancel(actor=ANN, tenant_id=ALPHA_ID, revision=paid.revision, reason="too dear")
    back = withdraw_cancellation(actor=ANN, tenant_id=ALPHA_ID, revision=ending.revision)

    day = paid.period_end_at.date().isoformat()
    assert _told("billing.end_ordered") == (ANN.label, "user", "too dear", {"on": day})
    assert _told("billing.end_withdrawn")[:2] == (ANN.label, "user")
    assert (ending.cancel_reason, back.cancel_reason) == ("too dear", "")


def test_so_is_that_of_a_trial_that_nobody_pays_for(town):
    before = town.subscription()

    ending = cancel(actor=ANN, tenant_id=ALPHA_ID, revision=before.revision, reason="only looked")
    withdraw_cancellation(actor=ANN, tenant_id=ALPHA_ID, revision=ending.revision)

    day = before.trial_ends_at.date().isoformat()
    assert _told("billing.end_ordered") == (ANN.label, "user", "only looked", {"on": day})
    assert _told("billing.end_withdrawn")[:2] == (ANN.label, "user")


def _last_move() -> tuple[str, str, str, str, str]:
    move = Transition.objects.order_by("pk").last()
    return move.from_state, move.to_state, move.cause, move.label, move.reason


def test_an_end_by_an_operator_is_the_operators_with_the_reason_that_was_typed(town, paid):
    cancel_now(actor=OPERATOR, tenant_id=ALPHA_ID, revision=paid.revision, reason="asked for by phone")

    assert _last_move() == (State.ACTIVE, State.CANCELLED, CauseKind.OPERATOR, OPERATOR.label, "asked for by phone")
    entry = AuditEntry.objects.filter(action="billing.moved").order_by("pk").last()
    assert (entry.actor_label, entry.actor_kind, entry.reason) == (OPERATOR.label, "operator", "asked for by phone")
    assert (entry.data["from"], entry.data["to"]) == (State.ACTIVE, State.CANCELLED)


@pytest.mark.parametrize("act", [pause, give_months])
def test_so_is_a_pause_or_a_gift(town, paid, act):
    more = {"months": 2} if act is give_months else {}

    act(actor=OPERATOR, tenant_id=ALPHA_ID, revision=paid.revision, reason="moving house", **more)

    assert _last_move()[2:] == (CauseKind.OPERATOR, OPERATOR.label, "moving house")


def test_a_webhook_that_is_faster_than_the_answer_tells_the_same(town, paid, monkeypatch):
    def told_first(stripe_id: str) -> None:
        apply_subscription(stripe_id)
        apply_subscription(stripe_id)

    monkeypatch.setattr("shared_apps.billing.services.commands.apply_subscription", told_first)

    cancel_now(actor=OPERATOR, tenant_id=ALPHA_ID, revision=paid.revision, reason="asked for by phone")

    assert _last_move()[2:] == (CauseKind.OPERATOR, OPERATOR.label, "asked for by phone")


def test_what_nobody_here_asked_for_is_stripes(town, paid):
    """Negative control: a command that is done explains nothing that comes later."""
    paused = pause(actor=OPERATOR, tenant_id=ALPHA_ID, revision=paid.revision, reason="moving house")
    resume(actor=OPERATOR, tenant_id=ALPHA_ID, revision=paused.revision, reason="moved")
    assert not BillingCommand.objects.filter(state="open").exists()

    town.gateway.subscriptions.cancel_now(paid.stripe_id, idempotency_key="by-hand")
    apply_subscription(paid.stripe_id)

    assert _last_move()[:4] == (State.ACTIVE, State.CANCELLED, CauseKind.STRIPE, paid.stripe_id)
