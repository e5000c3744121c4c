"""Counts facts and levels, each once, whoever tells of them how often and in what order: one statement, or nothing of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import connection, transaction

from kernel import clock
from shared_apps.metering.rules import place
from shared_apps.metering.types import AI_TOKENS, LONGEST_KEY, METERS, Fact, Meter
from tenants.context import TenantContext
from tenants.models import Tenant
from tenants.scope import current_tenant, platform_scope

# Who is gone meanwhile has nothing counted, and nobody anything late from before they were here: what came with an archive was
# somebody else's to count. In the order of the keys, as everybody does: no two wait in a circle.
# A fact that is there already counts what it has grown by, in the month where it is: mostly nothing.
_COUNT: Final = """
    WITH kept AS (
        INSERT INTO metering_countedfact AS known
            (tenant_id, meter, key, month_on, day_on, amount, occurred_at, is_late)
        SELECT f.tenant_id, f.meter, f.key, f.month_on, f.day_on, f.amount, f.occurred_at, f.is_late
        FROM jsonb_to_recordset(%(facts)s::jsonb) AS f (tenant_id uuid, meter text, key text, month_on date, day_on date,
            amount bigint, occurred_at timestamptz, is_late boolean)
        JOIN tenants_tenant t ON t.id = f.tenant_id AND NOT (f.is_late AND f.occurred_at < t.created_at)
        ORDER BY f.tenant_id, f.meter, f.key
        ON CONFLICT (tenant_id, meter, key) DO UPDATE SET amount = EXCLUDED.amount WHERE EXCLUDED.amount > known.amount
        RETURNING WITH (OLD AS was, NEW AS now_is) now_is.tenant_id, now_is.meter, now_is.month_on, now_is.day_on,
            now_is.is_late, now_is.amount - coalesce(was.amount, 0) AS added
    ), days AS (
        INSERT INTO metering_dayusage AS day (tenant_id, meter, day_on, amount)
        SELECT tenant_id, meter, day_on, sum(added) FROM kept GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (tenant_id, meter, day_on) DO UPDATE SET amount = day.amount + EXCLUDED.amount
    ), months AS (
        INSERT INTO metering_monthusage AS month (tenant_id, meter, month_on, amount, late_amount, counted_at)
        SELECT tenant_id, meter, month_on, sum(added), coalesce(sum(added) FILTER (WHERE is_late), 0), %(now)s FROM kept
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (tenant_id, meter, month_on) DO UPDATE SET amount = month.amount + EXCLUDED.amount,
            late_amount = month.late_amount + EXCLUDED.late_amount, counted_at = greatest(month.counted_at, EXCLUDED.counted_at)
    )
    SELECT count(*) FROM kept
"""
_RAISE: Final = """
    WITH month AS (
        INSERT INTO metering_monthusage AS known (tenant_id, meter, month_on, amount, late_amount, counted_at)
        SELECT t.id, %(meter)s, %(month)s::date, %(level)s, 0, %(now)s FROM tenants_tenant t WHERE t.id = %(tenant)s
        ON CONFLICT (tenant_id, meter, month_on) DO UPDATE SET amount = greatest(known.amount, EXCLUDED.amount),
            counted_at = greatest(known.counted_at, EXCLUDED.counted_at)
        RETURNING WITH (OLD AS was, NEW AS now_is) now_is.tenant_id, now_is.meter,
            now_is.amount - coalesce(was.amount, 0) AS added
    )
    INSERT INTO metering_dayusage AS day (tenant_id, meter, day_on, amount)
    SELECT tenant_id, meter, %(day)s::date, added FROM month
    ON CONFLICT (tenant_id, meter, day_on) DO UPDATE SET amount = day.amount + EXCLUDED.amount
"""

log = structlog.get_logger(__name__)


def count_facts(facts: Sequence[Fact], *, now: datetime | None = None) -> int:
    """Count what happened in the marketplace in scope; tells how many facts were new, or have grown. May be called again.

    A sandbox's are not counted: nothing in it is real.
    """
    tenant = current_tenant()
    if tenant.is_sandbox or not facts:
        return 0
    return count_of_many([(tenant.id, fact) for fact in facts], zones={tenant.id: tenant.time_zone}, now=now or clock.now())


def count_of_many(facts: Iterable[tuple[UUID, Fact]], *, zones: Mapping[UUID, str], now: datetime) -> int:
    """As `count_facts`, of many organizations at once (one query). From any scope."""
    rows = {}
    for tenant_id, fact in facts:
        row = _row(tenant_id, fact, zones[tenant_id], now)
        if row is not None:
            # The same key twice in one statement would be refused.
            rows[tenant_id, fact.meter.code, fact.key] = row
    if not rows:
        return 0
    with platform_scope(reason="metering"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_COUNT, {"facts": json.dumps(list(rows.values())), "now": now})
        return int(cursor.fetchone()[0])


def note_level(meter: Meter, level: int, *, now: datetime | None = None) -> None:
    """Note how much of something there is in the marketplace in scope right now: a month counts its peak. May be repeated."""
    tenant, moment = current_tenant(), now or clock.now()
    if not tenant.is_sandbox:
        _raise(tenant, meter, level, moment)


def count_ai_tokens(*, key: str, tokens: int, occurred_at: datetime) -> None:
    """Count what a text cost that was written for the marketplace in scope; `key` names the answer that it was part of.

    May be called again. What must not begin without room for it asks `take_within_cap` before.
    """
    count_facts([Fact(AI_TOKENS, key, occurred_at, tokens)])


def zones_of(tenant_ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """The clocks of those of whom something is counted: sandboxes and who is gone are left out (one query)."""
    with platform_scope(reason="metering"):
        real = Tenant.objects.filter(pk__in=set(tenant_ids), sandbox_of=None)
        return dict(real.values_list("pk", "time_zone"))


def _row(tenant_id: UUID, fact: Fact, zone: str, now: datetime) -> dict[str, object] | None:
    if not 0 < len(fact.key) <= LONGEST_KEY or fact.meter.code not in METERS or fact.meter.is_peak:
        raise ValueError(f"{fact.meter.code} does not count a fact called {fact.key!r}")
    placed = place(fact.occurred_at, zone, now)
    if placed is None:
        log.warning("usage_too_old", tenant=str(tenant_id), meter=fact.meter.code, key=fact.key)
        return None
    return {
        "tenant_id": str(tenant_id),
        "meter": fact.meter.code,
        "key": fact.key,
        "month_on": placed.month.isoformat(),
        "day_on": placed.day.isoformat(),
        "amount": fact.amount,
        "occurred_at": fact.occurred_at.isoformat(),
        "is_late": placed.is_late,
    }


def _raise(tenant: TenantContext, meter: Meter, level: int, now: datetime) -> None:
    placed = place(now, tenant.time_zone, now)
    assert placed is not None
    asked: dict[str, Any] = {  # Any: parameters of a statement
        "meter": meter.code, "month": placed.month, "day": placed.day, "level": level, "now": now, "tenant": tenant.id,
    }  # fmt: skip
    with platform_scope(reason="metering"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_RAISE, asked)
