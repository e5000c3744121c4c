"""Whose use stands out from what is usual on the same plan."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from kernel.actor import Actor
from shared_apps.business.rules.outliers import outliers
from shared_apps.business.types import Outlier
from shared_apps.plans.selectors import last_months, usage_by_month
from shared_apps.plans.types import INCLUDED, QUOTAS
from tenants.models import Tenant
from tenants.types import TenantStatus


def usage_outliers(actor: Actor, today: date, *, most: int) -> list[Outlier]:
    """Of the last whole month, who used at least three times what is usual on their plan, the furthest from it first.

    Two queries, whatever their number; sandboxes are left out.

    Raises:
        PermissionDenied: the actor may not see what the platform earns.
    """
    actor.require("business.view")
    (month,) = last_months(today, 1)
    rows = Tenant.objects.filter(sandbox_of=None, status=TenantStatus.ACTIVE).order_by("slug")
    tenants = {tenant.pk: tenant for tenant in rows}
    used = usage_by_month(list(tenants), [month])
    by_plan: dict[tuple[str, str], dict[UUID, int]] = {}
    for tenant_id, months in used.items():
        for code, amount in months.get(month, {}).items():
            by_plan.setdefault((tenants[tenant_id].plan_code, code), {})[tenant_id] = amount
    found = [
        Outlier(tenant_id, tenants[tenant_id].name, plan_code, QUOTAS[code], amount, usual, _included(tenants[tenant_id], code))
        for (plan_code, code), amounts in by_plan.items()
        if code in QUOTAS
        for usual, beyond in [outliers(amounts)]
        for tenant_id, amount in beyond.items()
    ]
    return sorted(found, key=lambda one: (-one.used / one.usual, one.name, one.quota.code))[:most]


def _included(tenant: Tenant, code: str) -> int | None:
    """How much of it the price includes; None without a limit."""
    given = tenant.entitlements
    value = given.get(code + INCLUDED, given.get(code))
    return None if value is None else int(value)
