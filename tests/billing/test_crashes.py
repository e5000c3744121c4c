"""Killed anywhere between two steps of a command, or left without an answer: charged once, and finished by the sweeper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from integrations.stripe.fake.faults import Fault
from kernel.errors import TemporaryFailure
from kernel.ids import new_id
from shared_apps.billing.errors import NotConfirmedYet
from shared_apps.billing.models import BillingCommand
from shared_apps.billing.services import change_plan, commands, finish_commands, pass_time, preview_change
from shared_apps.billing.types import CommandKind, CommandState, State
from shared_apps.plans.types import Interval
from tests.billing.conftest import ANN
from tests.factories.tenants import ALPHA_ID

BOUNDARIES = 14


class Killed(BaseException):
    """The process is gone: nothing of ours catches it."""


class Points:
    """Counts the boundaries that a command passes, and kills at one of them."""

    def __init__(self, kill_at: int | None) -> None:
        self.passed, self._kill_at = 0, kill_at

    def pass_one(self) -> None:
        self.passed += 1
        if self.passed == self._kill_at:
            raise Killed

    def around[**P, T](self, act: Callable[P, T]) -> Callable[P, T]:
        def bounded(*args: P.args, **kwargs: P.kwargs) -> T:
            self.pass_one()
            result = act(*args, **kwargs)
            self.pass_one()
            return result

        return bounded


@pytest.fixture
def paid(town):
    """Alpha pays for “studio” and looks at “hall”."""
    town.wait(days=15)
    pass_time()
    town.pay()
    town.wait(days=10)
    return preview_change(actor=ANN, tenant_id=ALPHA_ID, plan_code="hall", interval=Interval.MONTH)


def _upgrade(preview) -> None:
    change_plan(
        actor=ANN, tenant_id=ALPHA_ID, plan_code="hall", interval=Interval.MONTH,
        revision=preview.revision, prorated_at=preview.prorated_at,
    )  # fmt: skip


def _bounded(monkeypatch, town, kill_at: int | None) -> Points:
    """Boundaries around each request to Stripe and each commit of a command."""
    points = Points(kill_at)
    monkeypatch.setattr(town.local.api, "answer", points.around(town.local.api.answer))
    for name in ("order", "_note_sent", "apply_subscription", "_settle"):
        wrapped = points.around(getattr(commands, name))
        monkeypatch.setattr(commands, name, wrapped)
        if name == "order":
            monkeypatch.setattr("shared_apps.billing.services.changing.order", wrapped)
    return points


@pytest.mark.parametrize("kill_at", range(1, BOUNDARIES + 1))
def test_a_crash_at_any_boundary_charges_once_and_is_finished(town, paid, monkeypatch, kill_at):
    with monkeypatch.context() as patch:
        _bounded(patch, town, kill_at)
        with pytest.raises(Killed):
            _upgrade(paid)
    ordered = BillingCommand.objects.filter(kind=CommandKind.CHANGE_PLAN).exists()

    town.wait(minutes=5)
    finish_commands()

    assert not BillingCommand.objects.filter(state=CommandState.OPEN).exists()
    assert len(town.charged()) == (2 if ordered else 1)
    assert town.charged()[1:] in ([], [paid.due.amount_minor])
    assert town.subscription().plan_code == ("hall" if ordered else "studio")


def test_all_boundaries_were_tried(town, paid, monkeypatch):
    points = _bounded(monkeypatch, town, None)

    _upgrade(paid)

    assert points.passed == BOUNDARIES


def test_another_key_for_each_try_would_charge_twice(town, paid, monkeypatch):
    """The negative control: it is the stored key, and nothing else, that keeps the tests above green."""
    asked = commands.ask
    monkeypatch.setattr(commands, "ask", lambda gateway, account, command: asked(gateway, account, _with_new_key(command)))
    town.local.faults.plan(Fault.LOST, only="POST /v1/customers")
    town_credit = {"amount_minor": 500, "currency": "GBP", "reason": "sorry"}
    command = commands.order(
        tenant_id=ALPHA_ID, kind=CommandKind.GIVE_CREDIT, cause=commands.Cause.of(ANN), parameters=town_credit
    )  # fmt: skip
    with pytest.raises(NotConfirmedYet):
        commands.carry_out(command)
    town.wait(minutes=5)
    finish_commands()

    customer_id = town.gateway.subscriptions.get(town.subscription().stripe_id).customer_id
    assert len(town.gateway.customers.credit_entries(customer_id)) == 2


def _with_new_key(command: BillingCommand) -> BillingCommand:
    command.idempotency_key = f"new:{new_id()}"
    return command


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.BUSY])
def test_an_answer_that_never_came_is_asked_for_again_with_the_same_key(town, paid, fault):
    town.local.faults.plan(fault, only="POST /v1/subscriptions")

    with pytest.raises(NotConfirmedYet):
        _upgrade(paid)
    assert finish_commands() == 0
    town.wait(minutes=5)

    assert finish_commands() == 1
    assert town.charged()[1:] == [paid.due.amount_minor]
    assert town.subscription().plan_code == "hall"


@pytest.mark.parametrize(("fault", "plan", "charges"), [(Fault.BROKEN_AFTER, "hall", 2), (Fault.BROKEN, "studio", 1)])
def test_a_failure_that_stripe_keeps_under_the_key_is_looked_up(town, paid, fault, plan, charges):
    town.local.faults.plan(fault, only="POST /v1/subscriptions")

    with pytest.raises(NotConfirmedYet):
        _upgrade(paid)
    town.wait(minutes=5)
    finish_commands()

    assert (town.subscription().plan_code, len(town.charged())) == (plan, charges)
    assert not BillingCommand.objects.filter(state=CommandState.OPEN).exists()


@pytest.mark.parametrize("was_done", [True, False])
def test_after_a_day_nobody_asks_again_but_looks(town, paid, monkeypatch, was_done):
    if was_done:
        town.local.faults.plan(Fault.LOST, only="POST /v1/subscriptions")
    else:
        monkeypatch.setattr(commands, "ask", _away)
    with pytest.raises(NotConfirmedYet):
        _upgrade(paid)
    town.wait(days=2)
    monkeypatch.setattr(commands, "ask", _forbidden)

    finish_commands()

    command = BillingCommand.objects.get(kind=CommandKind.CHANGE_PLAN)
    assert command.state == (CommandState.DONE if was_done else CommandState.REFUSED)
    assert town.subscription().plan_code == ("hall" if was_done else "studio")
    assert town.subscription().state == State.ACTIVE


def test_a_process_that_slept_through_its_lease_settles_nothing(town, paid):
    command = commands.order(
        tenant_id=ALPHA_ID, kind=CommandKind.PAUSE, cause=commands.Cause.of(ANN),
        parameters={"stripe_id": town.subscription().stripe_id},
    )  # fmt: skip
    town.wait(minutes=5)
    assert finish_commands() == 1

    commands._settle(command, CommandState.REFUSED, failure="late", sentence="late")

    settled = BillingCommand.objects.get(pk=command.pk)
    assert (settled.state, settled.sentence) == (CommandState.DONE, "")


def _away(*_args: object) -> dict[str, object]:
    raise TemporaryFailure("away", code="stripe_away")


def _forbidden(*_args: object) -> dict[str, object]:
    raise AssertionError("asked again after a day")


def test_the_lease_is_longer_than_the_calls_of_a_command():
    assert timedelta(seconds=4 * 10) < commands.LEASE
