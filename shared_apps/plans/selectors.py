"""The plans there are."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from shared_apps.plans.errors import PlanNotFound
from shared_apps.plans.models import Plan
from shared_apps.plans.rules import complete
from shared_apps.plans.types import ENTITLEMENTS, Entitlement, Value
from tenants.scope import platform_scope


def offered_plans() -> list[Plan]:
    """The plans a new organization can choose from, the smallest first."""
    return list(Plan.objects.filter(is_offered=True))


def all_plans() -> list[Plan]:
    """Every plan, offered or not, the smallest first."""
    return list(Plan.objects.all())


def plans_with(entitlement: Entitlement) -> list[str]:
    """The names of the offered plans that include a switch, the smallest first. From any scope (one query)."""
    with platform_scope(reason="plans with"):
        return [plan.name for plan in offered_plans() if plan.entitlements.get(entitlement.code, entitlement.default)]


def plan_named(plan_code: str) -> Plan | None:
    """The plan of this code, or None when it is gone. From any scope (one query)."""
    with platform_scope(reason="plan named"):
        return Plan.objects.filter(code=plan_code).first()


def get_plan(plan_code: str) -> Plan:
    """The plan of this code, offered or not.

    Raises:
        PlanNotFound: there is none; blames `plan_code`.
    """
    plan = Plan.objects.filter(code=plan_code).first()
    if plan is None:
        raise PlanNotFound(_("There is no plan “%(code)s”.") % {"code": plan_code}, field="plan_code")
    return plan


def entitlements_for(plan_code: str) -> dict[str, Value]:
    """The complete entitlements of a plan, to be copied into the registry with the tenant.

    Raises:
        PlanNotFound: no such plan.
    """
    return complete(get_plan(plan_code).entitlements)


def readable_entitlements(values: Mapping[str, object]) -> dict[str, Value]:
    """Stored `values` to be shown: all entitlements in their order, without names of another version of the code."""
    return complete({code: value for code, value in values.items() if code in ENTITLEMENTS})
