"""The plans on offer."""

from __future__ import annotations

from shared_apps.plans.models import Plan
from shared_apps.plans.registry import Value
from shared_apps.plans.rules import complete


def offered_plans() -> list[Plan]:
    """The plans a new organization can choose from, the smallest first."""
    return list(Plan.objects.filter(is_offered=True))


def entitlements_for(plan_code: str) -> dict[str, Value]:
    """The complete entitlements of a plan, to be copied into the registry with the tenant.

    Raises:
        Plan.DoesNotExist: no such plan.
    """
    return complete(Plan.objects.get(code=plan_code).entitlements)
