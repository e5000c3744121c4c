"""What organizations used, month by month, as far as it is counted today: from looks into their schemas (PLAN_USAGE)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from provisioning.health.types import Looked
from provisioning.models import TenantHealth
from shared_apps.metering.selectors import usage_by_month as metered_by_month
from shared_apps.plans.types import (
    BOOKINGS_PER_MONTH,
    MAILS_PER_MONTH,
    MAX_PROVIDERS,
    MAX_SERVICES,
    STORAGE_MEGABYTES,
    UsageByMonth,
)
from tenants.scope import platform_scope

_MEGABYTE: Final = 1024 * 1024
# What stands there, and is taken for what stood there in the months before: nobody wrote it down.
_STANDING: Final = (MAX_PROVIDERS.code, MAX_SERVICES.code)


def usage_by_month(tenant_ids: Collection[UUID], months: Sequence[date]) -> Mapping[UUID, UsageByMonth]:
    """What each of these used in each of `months` (two queries, whatever their number). From any scope.

    What metering has counted, and of what it has not, or not from the month's beginning on, what a look saw: bookings and mails
    are of the month then, people, services and storage of the last look; a month that was over for a quarter is in none. The
    larger of both counts, since either can only have missed something.
    """
    with platform_scope(reason="usage by month"):
        rows = TenantHealth.objects.filter(tenant_id__in=tenant_ids).order_by().values_list("tenant_id", "looked")
        seen = {tenant_id: Looked.from_json(looked) for tenant_id, looked in rows}
    metered = metered_by_month(tenant_ids, months)
    looked = {tenant_id: _by_month(looked, months) for tenant_id, looked in seen.items()}
    return {tenant_id: _larger(looked.get(tenant_id, {}), metered.get(tenant_id, {})) for tenant_id in {*looked, *metered}}


def _larger(one: UsageByMonth, other: UsageByMonth) -> UsageByMonth:
    return {
        month: {
            code: max(one.get(month, {}).get(code, 0), other.get(month, {}).get(code, 0))
            for code in {**one.get(month, {}), **other.get(month, {})}
        }
        for month in sorted({*one, *other})
    }


def _by_month(looked: Looked, months: Sequence[date]) -> UsageByMonth:
    standing = _standing(looked)
    counted = {
        month.month: {BOOKINGS_PER_MONTH.code: month.bookings, MAILS_PER_MONTH.code: month.mails} for month in looked.months
    }  # fmt: skip
    return {month: counted[month.isoformat()] | standing for month in months if month.isoformat() in counted}


def _standing(looked: Looked) -> dict[str, int]:
    found = {use.code: use.used for use in looked.uses if use.code in _STANDING}
    if looked.file_bytes is not None:
        found[STORAGE_MEGABYTES.code] = -(-looked.file_bytes // _MEGABYTE)
    return found
