"""Moving who subscribed to another version, and add-ons beside it: what an organization is given follows."""

from __future__ import annotations

import pytest

from kernel.ids import new_id
from kernel.outbox.models import OutboxMessage
from shared_apps.audit.models import AuditEntry
from shared_apps.plans.errors import MoveUnderWay, NobodyToMove, PlanNotFound
from shared_apps.plans.handlers import move_subscribers
from shared_apps.plans.jobs import MoveSubscribers
from shared_apps.plans.models import PlanMove, PlanMoveTarget, TenantAddOn
from shared_apps.plans.services import moving, order_move, set_add_on
from shared_apps.plans.types import Beyond, MoveState, QuotaTerms
from tenants.hosts import context_for
from tenants.models import Tenant
from tests.factories.plans import OPERATOR, draft_with, make_plan, next_version
from tests.factories.tenants import ALPHA_ID, BETA_ID, create_tenant

pytestmark = pytest.mark.usefixtures("subscribers")


def _order(*tenant_ids, number: int = 2) -> PlanMove:
    return order_move(actor=OPERATOR, plan_code="studio", number=number, tenant_ids=tenant_ids, reason="cheaper")


def _work(move: PlanMove) -> PlanMove:
    job: MoveSubscribers | None = MoveSubscribers(move_id=move.public_id)
    while job is not None:
        job = move_subscribers(job)
    move.refresh_from_db()
    return move


def _versions() -> dict[object, int]:
    return dict(Tenant.objects.filter(pk__in=[ALPHA_ID, BETA_ID]).values_list("pk", "plan_version"))


def test_who_was_chosen_is_moved_and_nobody_else():
    next_version("studio", entitlements={"max_providers": 7})

    move = _work(_order(ALPHA_ID))

    assert (move.state, move.done, move.skipped) == (MoveState.DONE, 1, 0)
    assert _versions() == {ALPHA_ID: 2, BETA_ID: 1}
    assert context_for(ALPHA_ID).entitlements["max_providers"] == 7
    assert context_for(BETA_ID).entitlements["max_providers"] == 25


def test_each_one_that_was_moved_has_an_entry_with_from_and_to():
    next_version("studio")

    move = _work(_order(ALPHA_ID, BETA_ID))

    assert move.reason == ""
    entries = AuditEntry.objects.filter(action="plan.moved").order_by("target")
    facts = {"plan": "studio", "from": 1, "to": 2}
    assert [(one.target, one.tenant_id, one.reason, one.data) for one in entries] == [
        ("alpha", ALPHA_ID, "cheaper", facts),
        ("beta", BETA_ID, "cheaper", facts),
    ]


def test_one_can_go_back_to_an_older_version():
    next_version("studio")
    _work(_order(ALPHA_ID))

    _work(_order(ALPHA_ID, number=1))

    assert _versions()[ALPHA_ID] == 1


def test_a_move_goes_in_parts_and_a_part_that_runs_twice_moves_nobody_twice(monkeypatch):
    monkeypatch.setattr(moving, "AT_ONCE", 1)
    next_version("studio")
    move = _order(ALPHA_ID, BETA_ID)
    first = MoveSubscribers(move_id=move.public_id)

    second = move_subscribers(first)
    again = move_subscribers(first)

    assert second == MoveSubscribers(move_id=move.public_id, part=1)
    assert again is None
    move.refresh_from_db()
    assert (move.state, move.done, PlanMoveTarget.objects.count()) == (MoveState.DONE, 2, 0)
    assert move_subscribers(first) is None
    assert AuditEntry.objects.filter(action="plan.moved").count() == 2


def test_who_left_the_plan_meanwhile_is_left_alone():
    next_version("studio")
    move = _order(ALPHA_ID, BETA_ID)
    Tenant.objects.filter(pk=BETA_ID).update(plan_code="hall")

    _work(move)

    assert (move.done, move.skipped) == (1, 1)
    assert Tenant.objects.get(pk=BETA_ID).plan_code == "hall"


def test_an_order_writes_its_job_with_it():
    next_version("studio")

    move = _order(ALPHA_ID)

    job = OutboxMessage.objects.get()
    assert job.payload["move_id"] == str(move.public_id)


def test_of_two_orders_for_a_plan_the_second_waits():
    next_version("studio")
    _order(ALPHA_ID)

    with pytest.raises(MoveUnderWay):
        _order(BETA_ID)


def test_who_is_there_already_is_nobody_to_move():
    with pytest.raises(NobodyToMove):
        _order(ALPHA_ID, number=1)


def test_nobody_is_moved_to_a_draft():
    draft_with("studio")

    with pytest.raises(PlanNotFound):
        _order(ALPHA_ID)


def test_a_sandbox_goes_with_its_marketplace():
    sandbox = create_tenant(new_id(), "gamma", sandbox_of_id=ALPHA_ID)
    next_version("studio", entitlements={"max_providers": 7})

    move = _work(_order(ALPHA_ID, sandbox.pk))

    sandbox.refresh_from_db()
    assert (move.total, sandbox.plan_version, sandbox.entitlements["max_providers"]) == (1, 2, 7)


def test_an_add_on_raises_what_the_plan_gives_and_taken_away_lowers_it_again():
    set_add_on(actor=OPERATOR, tenant_id=ALPHA_ID, code="extra-provider", quantity=3)
    assert context_for(ALPHA_ID).entitlements["max_providers"] == 28

    set_add_on(actor=OPERATOR, tenant_id=ALPHA_ID, code="extra-provider", quantity=1)
    assert context_for(ALPHA_ID).entitlements["max_providers"] == 26

    set_add_on(actor=OPERATOR, tenant_id=ALPHA_ID, code="extra-provider", quantity=0)
    assert context_for(ALPHA_ID).entitlements["max_providers"] == 25
    assert context_for(BETA_ID).entitlements["max_providers"] == 25
    assert not TenantAddOn.objects.exists()


def test_add_ons_come_along_when_the_plan_moves():
    set_add_on(actor=OPERATOR, tenant_id=ALPHA_ID, code="extra-provider", quantity=3)
    next_version("studio", entitlements={"max_providers": 10})

    _work(_order(ALPHA_ID, BETA_ID))

    assert context_for(ALPHA_ID).entitlements["max_providers"] == 13
    assert context_for(BETA_ID).entitlements["max_providers"] == 10


def test_an_add_on_keeps_the_version_it_was_bought_in():
    set_add_on(actor=OPERATOR, tenant_id=ALPHA_ID, code="extra-provider", quantity=1)
    next_version("extra-provider", entitlements={"max_providers": 5})

    set_add_on(actor=OPERATOR, tenant_id=ALPHA_ID, code="extra-provider", quantity=2)
    set_add_on(actor=OPERATOR, tenant_id=BETA_ID, code="extra-provider", quantity=2)

    assert context_for(ALPHA_ID).entitlements["max_providers"] == 27
    assert context_for(BETA_ID).entitlements["max_providers"] == 35


def test_a_plan_is_no_add_on():
    with pytest.raises(PlanNotFound):
        set_add_on(actor=OPERATOR, tenant_id=ALPHA_ID, code="hall", quantity=1)


def test_where_more_is_sold_one_may_go_on_and_is_told_how_much_is_included():
    terms = QuotaTerms(beyond=Beyond.SOLD, stops_at=500, per_units=100, prices={"EUR": 200})
    make_plan("palace", entitlements={"bookings_per_month": 150}, quotas={"bookings_per_month": terms})
    Tenant.objects.filter(pk=ALPHA_ID).update(plan_code="palace")

    set_add_on(actor=OPERATOR, tenant_id=ALPHA_ID, code="extra-provider", quantity=1)

    given = context_for(ALPHA_ID).entitlements
    assert (given["bookings_per_month"], given["bookings_per_month.included"]) == (500, 150)
