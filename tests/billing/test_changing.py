"""Being billed for something else: what costs less waits for the end of what is paid for, seats are paid for to the penny."""

from __future__ import annotations

import pytest

from integrations.stripe.fake.faults import CardFault
from kernel.errors import Invalid
from kernel.money import Money
from shared_apps.billing.errors import CommandRefused, WrongStanding
from shared_apps.billing.services import apply_subscription, cancel, change_plan, preview_change, withdraw_change
from shared_apps.plans.types import Interval
from tenants.models import Tenant
from tests.billing.conftest import ANN
from tests.factories.tenants import ALPHA_ID

MONTH, YEAR = Interval.MONTH, Interval.YEAR


@pytest.fixture
def paid(town):
    """Alpha pays for Studio, the trial over."""
    town.wait(days=15)
    return town.pay()


def _preview(plan="studio", interval=MONTH, **more):
    return preview_change(actor=ANN, tenant_id=ALPHA_ID, plan_code=plan, interval=interval, **more)


def _change(preview, plan="studio", interval=MONTH, **more):
    return change_plan(
        actor=ANN, tenant_id=ALPHA_ID, plan_code=plan, interval=interval,
        revision=preview.revision, prorated_at=preview.prorated_at, **more,
    )  # fmt: skip


def _given() -> tuple[str, int]:
    tenant = Tenant.objects.get(pk=ALPHA_ID)
    return tenant.plan_code, tenant.entitlements["max_providers"]


def test_a_smaller_plan_waits_for_the_end_of_what_is_paid_for(town, paid):
    preview = _preview("stall")
    assert (preview.due, preview.gives_at, preview.then) == (Money(0, "GBP"), paid.period_end_at, Money(1700, "GBP"))

    changed = _change(preview, "stall")

    assert (changed.plan_code, changed.planned["plan_code"], _given()) == ("studio", "stall", ("studio", 25))
    assert len(town.charged()) == 1
    town.wait(days=32)
    apply_subscription(paid.stripe_id)
    after = town.subscription()
    assert (after.plan_code, after.planned, _given()) == ("stall", {}, ("stall", 3))
    assert town.charged() == [5100, 1700]


@pytest.mark.parametrize(("plan", "interval", "first"), [("stall", MONTH, 1700), ("studio", YEAR, 51_000)])
def test_within_a_paid_trial_a_change_costs_nothing_and_the_first_charge_is_the_new_price(town, plan, interval, first):
    trial = town.pay()
    preview = _preview(plan, interval)
    assert (preview.due, preview.credit, preview.lines) == (Money(0, "GBP"), Money(0, "GBP"), ())
    assert (preview.first, preview.first_at) == (Money(first, "GBP"), trial.trial_ends_at)

    changed = _change(preview, plan, interval)

    assert (changed.plan_code, changed.interval, changed.trial_ends_at) == (plan, interval, trial.trial_ends_at)
    assert (changed.state, town.charged()) == ("trialing", [])
    town.wait(days=15)
    assert town.charged() == [first]


def test_what_stripe_tells_meanwhile_gives_nothing_too_early(town, paid):
    _change(_preview("stall"), "stall")
    before = town.subscription()

    town.wait(days=20)
    apply_subscription(paid.stripe_id)

    assert (town.subscription().revision, _given()) == (before.revision, ("studio", 25))


def test_a_planned_change_can_be_taken_back_and_costs_nothing(town, paid):
    planned = _change(_preview("stall"), "stall")
    with pytest.raises(WrongStanding, match="planned change"):
        _preview("hall")

    back = withdraw_change(actor=ANN, tenant_id=ALPHA_ID, revision=planned.revision)

    assert (back.plan_code, back.planned) == ("studio", {})
    town.wait(days=32)
    apply_subscription(paid.stripe_id)
    assert (town.charged(), _given()) == ([5100, 5100], ("studio", 25))
    with pytest.raises(WrongStanding):
        withdraw_change(actor=ANN, tenant_id=ALPHA_ID, revision=town.subscription().revision)


def test_seats_are_paid_for_at_once_and_given_at_once(town, paid):
    town.wait(days=10)
    preview = _preview(add_ons={"extra-provider": 3})

    changed = _change(preview, add_ons={"extra-provider": 3})

    assert changed.add_ons == {"extra-provider": [1, 3]}
    assert 0 < preview.due.amount_minor < 3 * 350
    assert (town.charged()[-1], preview.then) == (preview.due.amount_minor, Money(5100 + 3 * 350, "GBP"))
    assert _given() == ("studio", 28)


def test_fewer_seats_wait_and_none_are_charged_again(town, paid):
    _change(_preview(add_ons={"extra-provider": 3}), add_ons={"extra-provider": 3})
    preview = _preview(add_ons={})

    _change(preview, add_ons={})

    assert _given() == ("studio", 28)
    town.wait(days=32)
    apply_subscription(paid.stripe_id)
    assert (_given(), town.charged()[-1]) == (("studio", 25), 5100)


def test_a_year_takes_the_seats_along_and_gives_the_month_back(town, paid):
    _change(_preview(add_ons={"extra-provider": 2}), add_ons={"extra-provider": 2})
    town.wait(days=3)
    preview = _preview(interval=YEAR)

    changed = _change(preview, interval=YEAR)

    assert (changed.interval, changed.add_ons) == (YEAR, {"extra-provider": [1, 2]})
    assert preview.then == Money(51000 + 2 * 3500, "GBP")
    assert town.charged()[-1] == preview.due.amount_minor < preview.then.amount_minor


def test_seats_that_the_bank_refuses_are_not_given(town, paid):
    preview = _preview(add_ons={"extra-provider": 1})
    town.local.faults.payments[""] = CardFault.DECLINE

    with pytest.raises(CommandRefused):
        _change(preview, add_ons={"extra-provider": 1})

    assert (_given(), town.subscription().add_ons) == (("studio", 25), {})


@pytest.mark.parametrize("add_ons", [{}, {"extra-provider": -1}, {"extra-provider": 501}])
def test_what_changes_nothing_or_is_a_slip_of_the_finger_is_refused(paid, add_ons):
    with pytest.raises(Invalid):
        _preview(add_ons=add_ons)


def test_who_has_cancelled_changes_nothing_before_coming_back(paid):
    cancel(actor=ANN, tenant_id=ALPHA_ID, revision=paid.revision)

    with pytest.raises(WrongStanding, match="cancellation"):
        _preview("hall")


def test_the_preview_says_what_of_it_is_tax_as_stripe_counts_it(town, paid):
    unit = town.local.unit()
    theirs = unit.get("subscription", paid.stripe_id)
    theirs["automatic_tax"]["enabled"] = True
    unit.get("customer", theirs["customer"])["address"] = {"country": "GB"}
    unit.commit()

    preview = _preview("hall")

    assert preview.tax.amount_minor > 0
    assert preview.subtotal + preview.tax == preview.total == preview.due
    assert sum(line.amount.amount_minor for line in preview.lines) == preview.subtotal.amount_minor
