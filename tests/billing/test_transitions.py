"""The table of transitions, in the code and in the database: every pair of states, tried."""

from __future__ import annotations

from itertools import product

import pytest
from django.db import IntegrityError, connection, transaction

from shared_apps.audit.models import AuditEntry
from shared_apps.billing.errors import SubscriptionChanged, WrongStanding
from shared_apps.billing.models import Subscription, Transition
from shared_apps.billing.rules.transitions import BEGINNINGS, TRANSITIONS, may_move
from shared_apps.billing.selectors import history_of
from shared_apps.billing.services import move
from shared_apps.billing.types import Cause, CauseKind, State
from tests.billing.conftest import CLOCK
from tests.factories.tenants import ALPHA_ID, BETA_ID

WAYS = {
    State.TRIALING: (),
    State.ACTIVE: (State.ACTIVE,),
    State.PAST_DUE: (State.PAST_DUE,),
    State.GRACE: (State.GRACE,),
    State.SUSPENDED: (State.GRACE, State.SUSPENDED),
    State.PAUSED: (State.PAUSED,),
    State.CANCELLED: (State.CANCELLED,),
}
PAIRS = [pair for pair in product(State, State) if pair[0] is not pair[1]]


def _brought_to(subscription: Subscription, state: State) -> Subscription:
    for step in WAYS[state]:
        subscription = move(subscription, step, cause=CLOCK)
    return subscription


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_a_subscription_moves_exactly_along_the_table(trial, before, after):
    subscription = _brought_to(trial, before)

    if may_move(before, after):
        moved = move(subscription, after, cause=CLOCK)
    else:
        with pytest.raises(WrongStanding):
            move(subscription, after, cause=CLOCK)
        moved = Subscription.objects.get(pk=subscription.pk)

    assert moved.state == (after if after in TRANSITIONS[before] else before)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_the_database_knows_the_same_table(trial, before, after):
    subscription = _brought_to(trial, before)
    rows = Subscription.objects.filter(pk=subscription.pk)

    try:
        with transaction.atomic():
            rows.update(state=after, revision=subscription.revision + 1)
            Transition.objects.create(
                subscription=subscription, revision=subscription.revision + 1, to_state=after, cause="clock", label="by hand"
            )
        was_let = True
    except IntegrityError:
        was_let = False

    assert was_let is may_move(before, after)


@pytest.mark.parametrize("state", list(State))
def test_a_subscription_begins_as_the_table_says(catalogue, alpha, state):
    facts = {"tenant_id": BETA_ID, "plan_code": "studio", "plan_version": 1, "currency": "EUR"}

    try:
        with transaction.atomic():
            made = Subscription.objects.create(state=state, **facts)
            Transition.objects.create(subscription=made, revision=1, to_state=state, cause="setup", label="by hand")
        was_let = True
    except IntegrityError:
        was_let = False

    assert was_let is (state in BEGINNINGS)


@pytest.mark.parametrize("state", [State.ACTIVE, State.PAUSED])
def test_a_move_that_does_not_say_why_is_not_committed(trial, state):
    def move_silently() -> None:
        with transaction.atomic():
            Subscription.objects.filter(pk=trial.pk).update(state=state, revision=2)
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="says why"):
        move_silently()


def test_what_happened_stays_written(trial):
    with pytest.raises(IntegrityError, match="stays written"), transaction.atomic():
        Transition.objects.filter(subscription=trial).update(label="somebody else")


def test_a_move_is_in_the_history_and_in_the_audit_trail_with_its_cause(trial):
    moved = move(trial, State.PAUSED, cause=Cause(CauseKind.OPERATOR, "op@example.org", "a favour"))

    last, first = history_of(moved)
    assert (last.from_state, last.to_state, last.cause, last.label, last.reason, last.revision) == (
        State.TRIALING, State.PAUSED, CauseKind.OPERATOR, "op@example.org", "a favour", 2,
    )  # fmt: skip
    assert (first.from_state, first.to_state, first.cause) == ("", State.TRIALING, CauseKind.SETUP)
    entry = AuditEntry.objects.get(action="billing.moved")
    assert (entry.tenant_id, entry.actor_kind, entry.reason) == (ALPHA_ID, "operator", "a favour")
    assert entry.data == {"from": "trialing", "to": "paused", "cause": "operator"}


def test_of_two_who_read_the_same_row_the_second_is_told(trial):
    move(trial, State.ACTIVE, cause=CLOCK)

    with pytest.raises(SubscriptionChanged):
        move(trial, State.CANCELLED, cause=CLOCK)

    assert Subscription.objects.get(pk=trial.pk).state == State.ACTIVE


def test_nobody_has_two_live_subscriptions(trial):
    facts = {"tenant_id": ALPHA_ID, "state": State.ACTIVE, "plan_code": "studio", "plan_version": 1, "currency": "EUR"}

    with pytest.raises(IntegrityError, match="subscription_one_live"), transaction.atomic():
        Subscription.objects.create(**facts)
