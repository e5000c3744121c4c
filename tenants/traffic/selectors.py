"""What was asked of tenants, from the table that every process adds its counts to every few seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Max, Q, Sum

from tenants.models import SlowStatement, TrafficBucket
from tenants.scope import platform_scope
from tenants.traffic.types import BUCKET, COUNTS, LATENCY_PARTS, NO_TRAFFIC, SLOW_BUCKET, Slowness, Traffic

_SUMS: Final = ", ".join(f"sum({column})::bigint" for column in COUNTS)
_LATENCY: Final = ", ".join(f"sum(latency[{part}])::bigint" for part in range(1, LATENCY_PARTS + 1))
_TRAFFIC: Final = f"""
    SELECT tenant_id, {_SUMS}, ARRAY[{_LATENCY}] FROM tenants_trafficbucket
    WHERE tenant_id = ANY(%s) AND began_at > %s GROUP BY tenant_id
"""  # noqa: S608  # of the constants above
_OVER_TIME: Final = f"""
    SELECT date_bin(%s::interval, began_at, 'epoch'::timestamptz) AS at, {_SUMS}, ARRAY[{_LATENCY}] FROM tenants_trafficbucket
    WHERE tenant_id = %s AND began_at >= %s GROUP BY at ORDER BY at
"""  # noqa: S608  # as above

_TOTALS: Final = f"""
    SELECT CASE WHEN is_named THEN tenant_id END AS whose, {_SUMS}, ARRAY[{_LATENCY}] FROM tenants_traffictotal
    GROUP BY whose ORDER BY whose
"""  # noqa: S608  # as above


def traffic_of(tenant_ids: Sequence[UUID], since: datetime) -> Mapping[UUID, Traffic]:
    """What was asked of each of `tenant_ids` since then; empty where nothing was. From any scope (one query).

    Counted in rows of five minutes: the one in which `since` lies is in it whole. The last seconds are still in the processes.
    """
    with platform_scope(reason="traffic"), connection.cursor() as cursor:
        cursor.execute(_TRAFFIC, (list(tenant_ids), since - BUCKET))
        found = {pk: Traffic.of(counts, latency) for pk, *counts, latency in cursor.fetchall()}
    return {tenant_id: found.get(tenant_id, NO_TRAFFIC) for tenant_id in tenant_ids}


def slow_statements_of(tenant_ids: Sequence[UUID], since: datetime) -> Mapping[UUID, tuple[int, int]]:
    """How many statements of each took long since then, and the worst one's milliseconds (one query).

    Those that had none are left out. The quarter of an hour in which `since` lies is in it whole. From any scope.
    """
    with platform_scope(reason="slow statements"):
        found = SlowStatement.objects.filter(tenant_id__in=tenant_ids, began_at__gt=since - SLOW_BUCKET)
        lines = found.order_by().values_list("tenant_id").annotate(Sum("count"), Max("worst_milliseconds"))
        return {tenant_id: (count, worst) for tenant_id, count, worst in lines}


def slow_statements_in(tenant_id: UUID, *, since: datetime, most: int) -> Sequence[Slowness]:
    """The statements of one tenant that took long most often since then, at most so many (one query). As above."""
    with platform_scope(reason="slow statements"):
        found = SlowStatement.objects.filter(tenant_id=tenant_id, began_at__gt=since - SLOW_BUCKET)
        lines = found.order_by().values_list("text").annotate(
            often=Sum("count"), worst=Max("worst_milliseconds"), last=Max("last_seen_at")
        )  # fmt: skip
        return [Slowness(*line) for line in lines.order_by("-often", "-worst", "text")[:most]]


def traffic_over_time(tenant_id: UUID, *, since: datetime, step: timedelta) -> Mapping[datetime, Traffic]:
    """What was asked of a tenant in each `step` from `since` on, by its beginning; steps without anything are left out.

    Steps are counted from 1970 in UTC, so `since` should begin one. From any scope (one query).
    """
    with platform_scope(reason="traffic"), connection.cursor() as cursor:
        cursor.execute(_OVER_TIME, (f"{step.total_seconds()} seconds", tenant_id, since))
        return {at: Traffic.of(counts, latency) for at, *counts, latency in cursor.fetchall()}


def named_totals() -> Mapping[UUID | None, Traffic]:
    """All that was ever asked of each organization that metrics name, and of the others together (None). One query.

    No number goes down, and nobody changes from one side to the other; who is erased is gone from the first.
    """
    with platform_scope(reason="traffic totals"), connection.cursor() as cursor:
        cursor.execute(_TOTALS)
        found: dict[UUID | None, Traffic] = {pk: Traffic.of(counts, latency) for pk, *counts, latency in cursor.fetchall()}
    return {None: NO_TRAFFIC} | found


@dataclass(frozen=True, slots=True)
class MeteredBucket:
    """What plans sell by the piece, in five minutes of a tenant."""

    tenant_id: UUID
    began_at: datetime
    api_calls: int
    mails: int


def metered_buckets(since: datetime) -> Sequence[MeteredBucket]:
    """The buckets that began since then and in which a program called or a letter went out, the oldest first (one query)."""
    with platform_scope(reason="metered traffic"):
        some = TrafficBucket.objects.filter(Q(api_calls__gt=0) | Q(mails__gt=0), began_at__gte=since)
        rows = some.order_by("began_at", "tenant_id").values_list("tenant_id", "began_at", "api_calls", "mails")
        return [MeteredBucket(*row) for row in rows]
