"""A promotion is put back for a week, value by value, and leaves what somebody has done since."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from kernel import clock
from kernel.actor import Actor
from kernel.errors import Invalid
from provisioning.errors import RunNotFound, RunNotReady
from provisioning.models import Run
from provisioning.saga.engine import advance_to_end
from provisioning.sandboxes.promoting.ordering import compare_with_sandbox, undo_promotion
from provisioning.sandboxes.promoting.reading import base_of
from provisioning.types import RunState
from shared_apps.audit.models import AuditEntry
from tenant_apps.catalog.models import Service
from tenants.context import TenantContext
from tenants.registry import update_tenant
from tenants.scope import platform_scope, tenant_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID
from tests.provisioning.sandboxes.making import OWNER, carried_out, failure_of, fresh, ordered_promotion, try_things_out

pytestmark = pytest.mark.usefixtures("silent")


def test_it_can_be_put_back_as_it_was(market, sandbox):
    before = base_of(market)
    try_things_out(sandbox)
    with tenant_scope(sandbox):
        Service.objects.filter(bookings__isnull=True).exclude(title="Brand new service").first().delete()
    run = carried_out(ordered_promotion(market))

    _undo(market, run)

    assert base_of(fresh(ALPHA_ID)) == before
    assert fresh(ALPHA_ID).theme_hash == market.theme_hash or not market.theme_hash


def test_putting_back_leaves_what_somebody_has_done_since(market, sandbox):
    added = try_things_out(sandbox)
    run = carried_out(ordered_promotion(market))
    update_tenant(tenant_id=market.id, name="Named since")
    with tenant_scope(market):
        Service.objects.filter(public_id=added).update(summary="Written since")

    _undo(market, run)

    now = fresh(ALPHA_ID)
    assert (now.name, now.content["headline"]) == ("Named since", market.content["headline"])
    with tenant_scope(now):
        assert Service.objects.get(public_id=added).summary == "Written since"


def test_the_trail_says_who_put_it_back(market, sandbox):
    try_things_out(sandbox)
    run = carried_out(ordered_promotion(market, ["theme"]))
    another = Actor.user(user_id=7, label="vera@twin.example", capabilities=frozenset({"settings.edit"}))

    undo_promotion(actor=another, tenant_id=market.id, run_id=run.public_id, confirmed_name="alpha")
    assert advance_to_end(run.pk) == RunState.UNDONE, failure_of(run)

    with platform_scope(reason="test"):
        entries = AuditEntry.objects.filter(action="sandbox.promotion_undone", tenant_id=market.id).order_by("-pk")
        assert entries.values_list("actor_label", flat=True).first() == "vera@twin.example"


def test_after_a_week_it_stays(market, sandbox):
    try_things_out(sandbox)
    run = carried_out(ordered_promotion(market, ["theme"]))

    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1), tick=False), pytest.raises(RunNotReady):
        undo_promotion(actor=OWNER, tenant_id=market.id, run_id=run.public_id, confirmed_name="alpha")


def test_the_later_one_is_put_back_first(market, sandbox):
    try_things_out(sandbox)
    first = carried_out(ordered_promotion(market, ["theme"]))
    carried_out(ordered_promotion(market, ["settings"]))

    with pytest.raises(RunNotReady):
        undo_promotion(actor=OWNER, tenant_id=market.id, run_id=first.public_id, confirmed_name="alpha")


def test_after_putting_back_it_differs_again(market, sandbox):
    try_things_out(sandbox)
    run = carried_out(ordered_promotion(market, ["theme"]))

    _undo(market, run)

    shown = compare_with_sandbox(actor=OWNER, tenant_id=market.id)
    assert "theme" in {change.kind for change in shown.changes}


def test_another_marketplace_s_promotion_is_not_found(market, sandbox):
    try_things_out(sandbox)
    run = carried_out(ordered_promotion(market, ["theme"]))

    with pytest.raises(RunNotFound):
        undo_promotion(actor=OWNER, tenant_id=BETA_ID, run_id=run.public_id, confirmed_name="beta")


def _undo(market: TenantContext, run: Run) -> None:
    with pytest.raises(Invalid):
        undo_promotion(actor=OWNER, tenant_id=market.id, run_id=run.public_id, confirmed_name="another")
    undo_promotion(actor=OWNER, tenant_id=market.id, run_id=run.public_id, confirmed_name="alpha")
    assert advance_to_end(run.pk) == RunState.UNDONE, failure_of(run)
