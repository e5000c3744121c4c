<<<<<<< HEAD
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
=======
"""Plans, and what the current organization may do."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from shared_apps.plans.errors import PlanNotFound
from shared_apps.plans.models import Plan
from shared_apps.plans.registry import Limit, Switch, Value
from shared_apps.plans.rules import complete
from tenants.scope import current_tenant, platform_scope


def offered_plans() -> Sequence[Plan]:
    """The plans that one can choose now, cheapest first (one query)."""
    with platform_scope(reason="offered plans"):
        return list(Plan.objects.filter(is_offered=True))


def all_plans() -> Sequence[Plan]:
    """Every plan, for the console (one query)."""
    with platform_scope(reason="all plans"):
        return list(Plan.objects.all())


def get_plan(code: str) -> Plan:
    """The plan of this code, offered or not.

    Raises:
        PlanNotFound: there is none.
    """
    with platform_scope(reason="get plan"):
        plan = Plan.objects.filter(code=code).first()
    if plan is None:
        raise PlanNotFound(_("There is no plan “%(code)s”.") % {"code": code}, field="plan_code")
    return plan


def entitlements_for(plan: Plan) -> dict[str, Value]:
    """A value for every entitlement there is, as a tenant's row keeps them."""
    return complete(plan.entitlements)


def has(switch: Switch) -> bool:
    """Whether the current organization's plan includes this. No query: the context carries it."""
    value = current_tenant().entitlements.get(switch.name, switch.default)
    return value is True


def allowance(limit: Limit) -> int | None:
    """How many the current organization's plan allows; None is any number. No query."""
    value = current_tenant().entitlements.get(limit.name, limit.default)
    return value if limit.accepts(value) else limit.default
>>>>>>> provisioning
