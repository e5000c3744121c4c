"""Stops what a plan has an end for, before it happens: never one too many, however many ask at the same moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from kernel import clock
from shared_apps.metering.rules import month_of
from shared_apps.metering.types import Meter
from shared_apps.plans.errors import LimitReached
from shared_apps.plans.services import limit_of
from tenants.scope import current_tenant, platform_scope

# The row's own lock lets one after the other look and take. Who had no end before begins with what was counted by then.
_TAKE: Final = """
    INSERT INTO metering_caproom AS room (tenant_id, meter, month_on, taken)
    SELECT %(tenant)s, %(meter)s, %(month)s::date, begun.amount + %(adding)s
    FROM (SELECT coalesce(max(amount), 0) AS amount FROM metering_monthusage
        WHERE tenant_id = %(tenant)s AND meter = %(meter)s AND month_on = %(month)s::date) AS begun
    WHERE begun.amount + %(adding)s <= %(limit)s
    ON CONFLICT (tenant_id, meter, month_on) DO UPDATE SET taken = room.taken + %(adding)s
    WHERE room.taken + %(adding)s <= %(limit)s
    RETURNING taken
"""


def take_within_cap(meter: Meter, *, adding: int = 1, now: datetime | None = None) -> int | None:
    """Go on only while the plan of the marketplace in scope lets `adding` more of it through this month.

    Tells how many more there may be after these; None where the plan has no end, which costs no query. What was taken stays
    taken, whether it happens or not. For what is not a row of its own that could be counted behind a lock: where it is one,
    `plans.require_within_limit` is the way. Leaves with the caller's transaction, if there is one.

    Raises:
        LimitReached: there is no room (402).
    """
    limit = limit_of(meter.quota)
    if limit is None:
        return None
    tenant = current_tenant()
    asked: dict[str, Any] = {  # Any: parameters of a statement
        "tenant": tenant.id,
        "meter": meter.code,
        "month": month_of(now or clock.now(), tenant.time_zone),
        "adding": adding,
        "limit": limit * meter.unit,
    }
    with platform_scope(reason="metering"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TAKE, asked)
        row = cursor.fetchone()
    if row is None:
        raise LimitReached(meter.quota, limit)
    return limit * meter.unit - int(row[0])
