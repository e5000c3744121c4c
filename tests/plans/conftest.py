"""What tests of plans share: the default catalogue, and the twins on its middle plan."""

from __future__ import annotations

import pytest

from shared_apps.plans.services import load_default_plans, start_trial
from tests.factories.tenants import ALPHA_ID, BETA_ID


@pytest.fixture
def catalogue(in_platform) -> None:
    """The default plans and add-ons; the test runs on the platform's tables."""
    load_default_plans()


@pytest.fixture
def subscribers(catalogue, alpha, beta) -> None:
    """Both twins are on version 1 of “studio”."""
    for tenant_id in (ALPHA_ID, BETA_ID):
        start_trial(tenant_id=tenant_id, plan_code="studio")
