"""Who is on which plan, and what a change of a plan does."""

import pytest

from kernel.actor import Actor
from kernel.errors import PermissionDenied
from shared_apps.plans.errors import EntitlementInvalid, PlanNotFound
from shared_apps.plans.selectors import entitlements_for
from shared_apps.plans.services import change_plan, load_default_plans, start_trial
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope

OPERATOR = Actor.operator(user_id=1, label="op@example.org", capabilities=frozenset({"plans.edit"}))


@pytest.fixture(autouse=True)
def plans(in_platform) -> None:
    load_default_plans()


def test_a_trial_runs_fourteen_days_and_does_not_start_twice(alpha):
    first = start_trial(tenant_id=alpha.id, plan_code="studio")
    again = start_trial(tenant_id=alpha.id, plan_code="studio")

    tenant = Tenant.objects.get(pk=alpha.id)
    assert again == first == tenant.trial_ends_at
    assert round((first - tenant.updated_at).total_seconds() / 86400) == 14
    assert tenant.entitlements == entitlements_for("studio")


def test_an_unknown_plan_is_not_found(alpha):
    with pytest.raises(PlanNotFound) as refused:
        start_trial(tenant_id=alpha.id, plan_code="gold")

    assert refused.value.field == "plan_code"


def test_changing_a_plan_changes_it_for_everybody_on_it(alpha, beta):
    start_trial(tenant_id=alpha.id, plan_code="studio")
    start_trial(tenant_id=beta.id, plan_code="stall")

    change_plan(actor=OPERATOR, plan_code="studio", entitlements={"max_providers": 77})

    assert context_for(alpha.id).entitlements["max_providers"] == 77
    assert context_for(beta.id).entitlements["max_providers"] == 3


@pytest.mark.parametrize("values", [{"max_wishes": 3}, {"sso": 1}, {"max_providers": -1}])
def test_a_plan_cannot_have_what_is_not_in_the_registry(values):
    with pytest.raises(EntitlementInvalid):
        change_plan(actor=OPERATOR, plan_code="studio", entitlements=values)


def test_only_who_may_changes_a_plan():
    with pytest.raises(PermissionDenied):
        change_plan(actor=Actor.guest(), plan_code="studio", entitlements={"sso": True})

    with platform_scope(reason="test"):
        assert not entitlements_for("studio")["sso"]
