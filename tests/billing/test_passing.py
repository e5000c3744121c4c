"""What time does: trials, patience and grace end on a clock that is moved by hand, and who pays is back at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kernel import clock
from kernel.actor import Actor
from shared_apps.billing.models import Subscription, Transition
from shared_apps.billing.rules.owing import GRACE, PATIENCE, owing_columns
from shared_apps.billing.services import move
from shared_apps.billing.services.passing import pass_time
from shared_apps.billing.types import State
from tenants.models import Tenant
from tenants.suspending import resume_tenant, suspend_tenant
from tenants.types import SuspendedBy, TenantStatus
from tests.billing.conftest import CLOCK
from tests.factories.tenants import ALPHA_ID

BEGUN = clock.now()
SECOND = timedelta(seconds=1)


@pytest.fixture
def billed(settings) -> None:
    settings.STRIPE_SECRET_KEY = "sk_test_local"


def _state() -> str:
    return Subscription.objects.get(tenant_id=ALPHA_ID).state


def _status() -> str:
    return Tenant.objects.get(pk=ALPHA_ID).status


def _owing(trial: Subscription) -> Subscription:
    return move(trial, State.PAST_DUE, cause=CLOCK, **owing_columns(State.PAST_DUE, None, None, BEGUN))


def test_a_trial_runs_to_its_end_and_not_a_second_less(trial, billed):
    assert pass_time(trial.trial_ends_at - SECOND) == 0
    assert pass_time(trial.trial_ends_at) == 1

    assert _state() == State.GRACE
    assert Subscription.objects.get().grace_until == trial.trial_ends_at + GRACE
    assert _status() == TenantStatus.ACTIVE


def test_where_nobody_is_billed_a_trial_becomes_the_plan(trial, settings):
    settings.STRIPE_SECRET_KEY = ""

    pass_time(trial.trial_ends_at)
    pass_time(trial.trial_ends_at + timedelta(days=400))

    assert (_state(), _status()) == (State.ACTIVE, TenantStatus.ACTIVE)


def test_a_failed_payment_becomes_grace_and_then_suspension_with_all_data_kept(trial, billed):
    _owing(trial)

    assert pass_time(BEGUN + PATIENCE - SECOND) == 0
    pass_time(BEGUN + PATIENCE)
    assert (_state(), _status()) == (State.GRACE, TenantStatus.ACTIVE)
    assert pass_time(BEGUN + PATIENCE + GRACE - SECOND) == 0
    pass_time(BEGUN + PATIENCE + GRACE)

    assert (_state(), _status()) == (State.SUSPENDED, TenantStatus.SUSPENDED)
    causes = Transition.objects.order_by("revision").values_list("to_state", "cause")
    assert list(causes)[2:] == [(State.GRACE, "clock"), (State.SUSPENDED, "clock")]


def test_after_months_of_silence_everybody_still_gets_their_grace(trial, billed):
    late = BEGUN + timedelta(days=120)
    _owing(trial)

    pass_time(late)
    pass_time(late)

    assert _state() == State.GRACE
    assert Subscription.objects.get().grace_until == late + GRACE


def test_who_pays_is_served_again_at_once(trial, billed):
    _owing(trial)
    for moment in (BEGUN + PATIENCE, BEGUN + PATIENCE + GRACE):
        pass_time(moment)

    move(Subscription.objects.get(), State.ACTIVE, cause=CLOCK, **owing_columns(State.ACTIVE, None, None, BEGUN))

    assert (_state(), _status()) == (State.ACTIVE, TenantStatus.ACTIVE)


def test_what_an_operator_has_suspended_stays_so_whoever_pays(trial, billed):
    suspend_tenant(actor=Actor.system("an operator"), tenant_id=ALPHA_ID)
    _owing(trial)
    for moment in (BEGUN + PATIENCE, BEGUN + PATIENCE + GRACE):
        pass_time(moment)

    move(Subscription.objects.get(), State.ACTIVE, cause=CLOCK, **owing_columns(State.ACTIVE, None, None, BEGUN))

    assert (_state(), _status()) == (State.ACTIVE, TenantStatus.SUSPENDED)


def test_who_was_let_in_by_an_operator_is_out_of_service_when_it_ends(trial, billed):
    _owing(trial)
    for moment in (BEGUN + PATIENCE, BEGUN + PATIENCE + GRACE):
        pass_time(moment)
    resume_tenant(actor=Actor.system("an operator"), tenant_id=ALPHA_ID, by=SuspendedBy.BILLING)
    assert _status() == TenantStatus.ACTIVE

    ended = owing_columns(State.CANCELLED, None, None, BEGUN)
    move(Subscription.objects.get(), State.CANCELLED, cause=CLOCK, ended_at=BEGUN, **ended)

    assert (_state(), _status()) == (State.CANCELLED, TenantStatus.SUSPENDED)


def test_two_clocks_move_once(trial, billed, monkeypatch):
    from shared_apps.billing.services import passing

    seen = list(passing._due(trial.trial_ends_at))
    monkeypatch.setattr(passing, "_due", lambda _now: iter(seen))

    assert (pass_time(trial.trial_ends_at), pass_time(trial.trial_ends_at)) == (1, 0)
    assert Transition.objects.filter(to_state=State.GRACE).count() == 1
