"""What tests of billing share: the catalogue, alpha in its trial, and words for the causes."""

from __future__ import annotations

import pytest

from shared_apps.billing.models import Subscription
from shared_apps.billing.services import begin_trial
from shared_apps.billing.types import Cause, CauseKind
from shared_apps.plans.services import load_default_plans
from tests.factories.tenants import ALPHA_ID

CLOCK = Cause(CauseKind.CLOCK, "clock")


@pytest.fixture
def catalogue(in_platform) -> None:
    """The default plans and add-ons; the test runs on the platform's tables."""
    load_default_plans()


@pytest.fixture
def trial(catalogue, alpha) -> Subscription:
    """Alpha's subscription, in trial."""
    begin_trial(tenant_id=ALPHA_ID, plan_code="studio")
    return Subscription.objects.get(tenant_id=ALPHA_ID)
