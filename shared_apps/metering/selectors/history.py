"""What organizations used, month by month, as the catalogue's what-if reads it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from shared_apps.metering.models import MonthUsage
from shared_apps.metering.types import METERS
from shared_apps.plans.types import UsageByMonth
from tenants.scope import platform_scope


def usage_by_month(tenant_ids: Collection[UUID], months: Sequence[date]) -> Mapping[UUID, UsageByMonth]:
    """What was counted of each of these in each of `months`, by the first day, in units of the plans' quotas (one query).

    Of a month, what was not counted is left out; of the organizations, those of whom nothing was. From any scope.
    """
    with platform_scope(reason="usage by month"):
        rows = MonthUsage.objects.filter(tenant_id__in=tenant_ids, month_on__in=months, meter__in=METERS).order_by()
        found: dict[UUID, dict[date, dict[str, int]]] = {}
        for tenant_id, month, code, amount in rows.values_list("tenant_id", "month_on", "meter", "amount"):
            meter = METERS[code]
            found.setdefault(tenant_id, {}).setdefault(month, {})[meter.quota.code] = meter.in_units(amount)
    return found
