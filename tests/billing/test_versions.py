"""Moving who pays to another version of their plan: Stripe bills it from the next invoice on, whatever happens between."""

from __future__ import annotations

import pytest

from integrations.stripe.fake.faults import Fault
from kernel.errors import TemporaryFailure
from shared_apps.audit.models import AuditEntry
from shared_apps.billing.models import BillingCommand, Subscription
from shared_apps.billing.selectors import costs_of_version
from shared_apps.billing.services import apply_subscription, change_plan, finish_commands, pass_time, preview_change
from shared_apps.billing.types import CommandKind, State
from shared_apps.business.models import MrrEntry
from shared_apps.plans.handlers import move_subscribers
from shared_apps.plans.jobs import MoveSubscribers
from shared_apps.plans.models import PlanMove
from shared_apps.plans.selectors import version_prices
from shared_apps.plans.services import moving, order_move
from shared_apps.plans.services.shelf import StripeShelf
from shared_apps.plans.services.syncing import sync_catalogue
from shared_apps.plans.types import Interval, MoveState
from tenants.models import Tenant
from tests.billing.conftest import ANN
from tests.factories.plans import OPERATOR, next_version
from tests.factories.tenants import ALPHA_ID

MONTH = Interval.MONTH


def _dearer(town, currency: str = "GBP") -> None:
    next_version("studio", prices={(currency, MONTH): 6000})
    sync_catalogue(StripeShelf(town.gateway))


def _ordered() -> PlanMove:
    return order_move(actor=OPERATOR, plan_code="studio", number=2, tenant_ids=[ALPHA_ID], reason="agreed")


def _work(move: PlanMove) -> PlanMove:
    job: MoveSubscribers | None = MoveSubscribers(move_id=move.public_id)
    while job is not None:
        job = move_subscribers(job)
    move.refresh_from_db()
    return move


def _price_at_stripe(town) -> list[int]:
    items = town.gateway.subscriptions.get(town.subscription().stripe_id).items
    prices = {price.id: price.unit_amount.amount_minor for price in town.gateway.prices.all()}
    return [prices[item.price_id] for item in items]


@pytest.fixture
def paying(town):
    """Alpha pays for version 1 of “studio”, and a dearer version 2 is published."""
    town.wait(days=15)
    pass_time()
    town.pay()
    town.hear()
    _dearer(town)
    return town


def test_who_pays_is_charged_nothing_now_and_the_versions_price_with_the_next_invoice(paying):
    before = paying.charged()
    shown = costs_of_version([ALPHA_ID], "studio", 2)[ALPHA_ID]

    move = _work(_ordered())

    assert (move.state, move.done, move.skipped) == (MoveState.DONE, 1, 0)
    assert paying.charged() == before
    assert _price_at_stripe(paying) == [shown.after.amount_minor] == [6000]
    assert (shown.before.amount_minor, shown.at) == (before[0], paying.subscription().period_end_at)
    assert (paying.subscription().plan_version, Tenant.objects.get(pk=ALPHA_ID).plan_version) == (2, 2)
    paying.wait(days=32)
    assert paying.charged() == [*before, 6000]


def test_the_ledger_and_the_audit_trail_say_so(paying):
    _work(_ordered())

    last = MrrEntry.objects.order_by("pk").last()
    assert (last.movement, last.after_minor) == ("expansion", 6000)
    (entry,) = AuditEntry.objects.filter(action="plan.moved")
    assert (entry.actor_label, entry.reason, entry.data["to"]) == (OPERATOR.label, "agreed", 2)


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.BROKEN_AFTER])
def test_an_answer_that_is_lost_moves_nobody_twice(paying, fault):
    paying.local.faults.plan(fault, times=1, only="POST /v1/subscriptions")
    move = _ordered()
    job = MoveSubscribers(move_id=move.public_id)

    try:
        move_subscribers(job)
    except TemporaryFailure:
        paying.wait(minutes=15)
        finish_commands(paying.now())
    move = _work(move)

    assert (move.state, move.done, move.skipped) == (MoveState.DONE, 1, 0)
    assert BillingCommand.objects.filter(kind=CommandKind.CHANGE_PLAN).count() == 1
    assert _price_at_stripe(paying) == [6000]


def test_who_is_killed_after_stripe_has_answered_counts_it_once(paying, monkeypatch):
    move = _ordered()
    with monkeypatch.context() as patch:
        patch.setattr(moving, "_settle", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            move_subscribers(MoveSubscribers(move_id=move.public_id))

    move = _work(move)

    assert (move.done, move.skipped) == (1, 0)
    assert BillingCommand.objects.filter(kind=CommandKind.CHANGE_PLAN).count() == 1


def test_while_another_change_is_under_way_the_job_waits(paying):
    row = paying.subscription()
    other = BillingCommand.objects.create(
        tenant_id=ALPHA_ID, kind=CommandKind.CANCEL, parameters={"stripe_id": row.stripe_id}, idempotency_key="other",
        ordered_by=ANN.label, cause="owner",
    )  # fmt: skip
    move = _ordered()

    with pytest.raises(TemporaryFailure):
        move_subscribers(MoveSubscribers(move_id=move.public_id))
    other.delete()

    assert _work(move).done == 1


def test_who_has_ordered_another_plan_is_left_where_they_are(paying):
    preview = preview_change(actor=ANN, tenant_id=ALPHA_ID, plan_code="stall", interval=MONTH)
    change_plan(
        actor=ANN, tenant_id=ALPHA_ID, plan_code="stall", interval=MONTH, revision=preview.revision,
        prorated_at=preview.prorated_at,
    )  # fmt: skip
    prices = _price_at_stripe(paying)

    move = _work(_ordered())

    assert (move.state, move.done, move.skipped) == (MoveState.DONE, 0, 1)
    assert _price_at_stripe(paying) == prices
    assert paying.subscription().plan_version == 1


def test_who_pays_in_a_currency_that_it_is_not_sold_in_stays(town):
    town.wait(days=15)
    pass_time()
    town.pay()
    _dearer(town, "JPY")

    move = _work(_ordered())

    assert (move.done, move.skipped) == (0, 1)
    assert costs_of_version([ALPHA_ID], "studio", 2)[ALPHA_ID].after is None
    assert _version() == 1


def _version() -> int:
    return int(Tenant.objects.values_list("plan_version", flat=True).get(pk=ALPHA_ID))


def test_the_subscription_of_who_does_not_pay_yet_follows(town):
    _dearer(town)

    move = _work(_ordered())

    assert (move.done, _version()) == (1, 2)
    assert Subscription.objects.get(tenant_id=ALPHA_ID).plan_version == 2
    assert costs_of_version([ALPHA_ID], "studio", 2) == {}


def test_a_downgrade_that_waits_is_a_contraction_when_it_comes_and_not_before(town):
    town.wait(days=15)
    pass_time()
    paid = town.pay("hall")
    town.hear()
    preview = preview_change(actor=ANN, tenant_id=ALPHA_ID, plan_code="studio", interval=MONTH)
    change_plan(
        actor=ANN, tenant_id=ALPHA_ID, plan_code="studio", interval=MONTH, revision=preview.revision,
        prorated_at=preview.prorated_at,
    )  # fmt: skip
    waiting = list(MrrEntry.objects.order_by("number").values_list("movement", flat=True))

    town.wait(days=32)
    for _twice in range(2):
        apply_subscription(paid.stripe_id)

    last = MrrEntry.objects.order_by("number").last()
    assert "contraction" not in waiting
    assert (last.movement, last.plan_code, last.number) == ("contraction", "studio", len(waiting) + 1)
    assert (last.before_minor, last.after_minor) == (_price_of("hall"), _price_of("studio"))
    assert town.subscription().state == State.ACTIVE


def _price_of(plan_code: str) -> int:
    """Its price by the month in pounds."""
    return version_prices([plan_code])[plan_code, 1, "GBP", "month"]
