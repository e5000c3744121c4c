"""Tells owners once a month when most, and when all, of what their plan includes of something is used up."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import DatabaseError, connection, transaction

from kernel import clock
from kernel.db import insert_or_none
from kernel.events import publish
from shared_apps.metering.events import QuotaReached
from shared_apps.metering.models import UsageAlert
from shared_apps.metering.rules import month_of
from shared_apps.metering.types import LEVELS, METERS, Stop
from shared_apps.plans.types import INCLUDED
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.types import TenantStatus

# Of what more is let through, the plan's copy says apart how much is included (`plans.rules.granted`).
_REACHED: Final = """
    SELECT u.tenant_id, u.meter, u.month_on, l.level FROM metering_monthusage u
    JOIN jsonb_to_recordset(%(meters)s::jsonb) AS m (code text, quota text, inside text, unit bigint) ON m.code = u.meter
    JOIN tenants_tenant t ON t.id = u.tenant_id
    CROSS JOIN unnest(%(levels)s::int[]) AS l (level)
    CROSS JOIN LATERAL (SELECT coalesce(t.entitlements -> m.inside, t.entitlements -> m.quota) AS inside) AS p
    WHERE u.month_on >= %(since)s AND t.status = %(active)s AND t.sandbox_of_id IS NULL
        AND jsonb_typeof(p.inside) = 'number' AND (p.inside)::numeric > 0
        AND u.amount * 100 >= l.level * (p.inside)::numeric * m.unit
        AND NOT EXISTS (SELECT FROM metering_usagealert a WHERE (a.tenant_id, a.meter, a.month_on, a.level)
            = (u.tenant_id, u.meter, u.month_on, l.level))
    ORDER BY u.tenant_id, u.meter, l.level
"""
# In every zone this month or the one before.
_BACK: Final = timedelta(days=40)

log = structlog.get_logger(__name__)


def tell_of_quotas(*, now: datetime | None = None) -> int:
    """Publish QuotaReached for what was not told yet; tells how often. May run again, and at the same time as others.

    Of two levels that are reached together, the higher one is told of. Who is away with their cluster holds up nobody else.
    """
    now = now or clock.now()
    told = 0
    with platform_scope(reason="metering"):
        found = _reached(now)
        tenants = Tenant.objects.filter(pk__in=found).prefetch_related("domains").in_bulk()
    for tenant_id, levels in found.items():
        tenant = tenants.get(tenant_id)
        if tenant is None:
            continue
        try:
            told += _tell(tenant, levels, now)
        except DatabaseError as error:
            log.warning("quota_not_told", tenant=str(tenant_id), error=type(error).__name__)
    return told


def _reached(now: datetime) -> Mapping[UUID, Mapping[tuple[str, date], list[int]]]:
    meters = [
        {
            "code": one.code,
            # Where nothing of it is stopped, there is something to tell only if more of it is let through, and charged.
            "quota": "" if one.stop is Stop.ELSEWHERE else one.quota.code,
            "inside": one.quota.code + INCLUDED,
            "unit": one.unit,
        }
        for one in METERS.values()
    ]
    asked: dict[str, Any] = {  # Any: parameters of a statement
        "meters": json.dumps(meters),
        "levels": list(LEVELS),
        "since": (now - _BACK).date(),
        "active": TenantStatus.ACTIVE.value,
    }
    found: dict[UUID, dict[tuple[str, date], list[int]]] = defaultdict(lambda: defaultdict(list))
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, asked)
        for tenant_id, meter, month_on, level in cursor.fetchall():
            found[tenant_id][meter, month_on].append(level)
    return found


def _tell(tenant: Tenant, levels: Mapping[tuple[str, date], list[int]], now: datetime) -> int:
    """The event first, then the row: a crash in between tells it once more, and its letter is written once by its key.

    The other way round it would be told never where the marketplace, and with it the event, lies on another cluster.
    """
    told = 0
    with tenant_scope(tenant) as context:
        month = month_of(now, context.time_zone)
        for (meter, month_on), reached in levels.items():
            if month_on != month:
                continue
            with transaction.atomic():
                publish(QuotaReached(meter, month_on, max(reached)))
            with platform_scope(reason="metering"), transaction.atomic():
                for level in reached:
                    insert_or_none(UsageAlert(tenant_id=context.id, meter=meter, month_on=month_on, level=level, told_at=now))
            told += 1
    return told
