"""Who begins on which plan."""

import pytest

from shared_apps.plans.errors import PlanNotFound
from shared_apps.plans.selectors import entitlements_for
from shared_apps.plans.services import load_default_plans, start_trial
from tenants.models import Tenant


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
