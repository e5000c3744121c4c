"""Gathers what the platform's own tables and PostgreSQL's catalog tell of many organizations, in one statement each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max, Min, Q

from kernel.outbox.models import MessageState, OutboxMessage
from kernel.outbox.reach import on_reachable
from kernel.outbox.selectors import IS_OPEN
from provisioning.health.types import Figures
from provisioning.models import Quarantine
from shared_apps.archives.models import Archive
from shared_apps.archives.types import ArchiveState
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.types import ClaimState
from shared_apps.isolation.selectors import alarms
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import cluster_scope
from tenants.traffic.selectors import slow_statements_of, traffic_of
from tenants.traffic.types import Traffic

RECENT: Final = timedelta(hours=1)
"""What is said of requests and statements is said of so much time."""

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_PENDING: Final = Q(state=MessageState.PENDING)
# Estimates, from the catalog and the statistics alone: no table is opened, so that a round over the whole fleet stays cheap
# and this connection does not learn each of its tables. Of a table that was never analyzed the catalog says -1; what was
# written since the server's statistics began is known all the same.
_ROWS: Final = """
    SELECT n.nspname, sum(CASE WHEN c.reltuples < 0 THEN pg_stat_get_live_tuples(c.oid) ELSE c.reltuples END)::bigint,
        sum(pg_stat_get_dead_tuples(c.oid))::bigint
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(%s) AND c.relkind = 'r' GROUP BY n.nspname
"""
# Every file of it is looked at, and each table is opened: for a few at a time.
_BYTES: Final = """
    SELECT n.nspname, sum(pg_total_relation_size(c.oid))::bigint
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'm', 'S') GROUP BY n.nspname
"""

Row = Mapping[str, Any]  # Any: a row of values


def gather(tenants: Sequence[Tenant], *, now: datetime) -> Mapping[UUID, Figures]:
    """The figures of each of `tenants`, in the platform's scope (seven queries for however many, and two for each cluster)."""
    ids = [tenant.pk for tenant in tenants]
    rows, queues = _on_their_clusters(tenants, now)
    traffic = traffic_of(ids, now - RECENT)
    slow = slow_statements_of(ids, now - RECENT)
    domains, snapshots = _domains(ids), _snapshots(ids)
    quarantined = set(Quarantine.objects.filter(tenant_id__in=ids).values_list("tenant_id", flat=True))
    broken = {report.tenant_id for report in alarms()}
    version = code_schema_version()
    return {
        tenant.pk: Figures(
            **_of_rows(rows.get(tenant.schema_name)),
            **_of_traffic(traffic[tenant.pk]),
            **_of_slow(slow.get(tenant.pk)),
            **_of_queue(queues.get(tenant.pk), now),
            **_of_domains(domains.get(tenant.pk), now),
            schema_version=tenant.schema_version,
            is_behind=tenant.schema_version != version,
            is_unreachable=tenant.schema_name not in rows,
            is_quarantined=tenant.pk in quarantined,
            isolation_broken=tenant.pk in broken,
            snapshot_hours=_hours_since(snapshots.get(tenant.pk), now),
            age_hours=_hours_since(tenant.created_at, now) or 0,
        )
        for tenant in tenants
    }


def sizes_of(tenants: Sequence[Tenant]) -> Mapping[str, int]:
    """Bytes of tables with their indexes and long values, by schema (one query for each cluster).

    What is not there, or on a cluster that is away, is left out.
    """
    found: dict[str, int] = {}
    for sizes in _on_each_cluster(tenants, _sizes):
        found |= sizes
    return found


def _on_each_cluster[T](tenants: Sequence[Tenant], ask: Callable[[Sequence[Tenant]], T]) -> Iterator[T]:
    """What each cluster answers about those that live there, from its catalog and its outbox; one that is away is left out."""
    living: dict[str, list[Tenant]] = defaultdict(list)
    for tenant in tenants:
        living[tenant.database].append(tenant)
    for database, here in sorted(living.items()):
        answer = on_reachable(database, partial(_ask, ask, here))
        if answer is not None:
            yield answer


def _ask[T](ask: Callable[[Sequence[Tenant]], T], here: Sequence[Tenant]) -> T:
    with cluster_scope(reason="health"):
        return ask(here)


def _sizes(here: Sequence[Tenant]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(_BYTES, [[tenant.schema_name for tenant in here]])
        return dict(cursor.fetchall())


def _on_their_clusters(tenants: Sequence[Tenant], now: datetime) -> tuple[Mapping[str, tuple[int, int]], Mapping[UUID, Row]]:
    """Rows by schema and queues by tenant."""
    rows: dict[str, tuple[int, int]] = {}
    queues: dict[UUID, Row] = {}
    for here_rows, here_queues in _on_each_cluster(tenants, partial(_rows_and_queues, now)):
        rows |= here_rows
        queues |= here_queues
    return rows, queues


def _rows_and_queues(now: datetime, here: Sequence[Tenant]) -> tuple[Mapping[str, tuple[int, int]], Mapping[UUID, Row]]:
    return _rows([tenant.schema_name for tenant in here]), _queues([tenant.pk for tenant in here], now)


def _rows(schemas: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [list(schemas)])
        return {schema: (rows, dead) for schema, rows, dead in cursor.fetchall()}


def _queues(ids: Sequence[UUID], now: datetime) -> Mapping[UUID, Row]:
    """What is parked waits for its tenant to be served again, and for no worker."""
    due = _PENDING & Q(available_at__lte=now, is_parked=False)
    found = OutboxMessage.objects.filter(IS_OPEN, tenant_id__in=ids)
    lines = found.order_by().values("tenant_id").annotate(
        waiting=Count("pk", filter=_PENDING), dead=Count("pk", filter=Q(state=MessageState.DEAD)),
        oldest=Min("available_at", filter=due),
    )  # fmt: skip
    return {line["tenant_id"]: line for line in lines if line["tenant_id"] is not None}


def _domains(ids: Sequence[UUID]) -> Mapping[UUID, Row]:
    held = CustomDomain.objects.filter(tenant_id__in=ids).exclude(state=ClaimState.RELEASED)
    lines = held.order_by().values("tenant_id").annotate(
        failing=Count("pk", filter=Q(state=ClaimState.FAILING)),
        ends_at=Min("certificate_expires_at", filter=Q(state=ClaimState.LIVE)),
    )  # fmt: skip
    return {line["tenant_id"]: line for line in lines}


def _snapshots(ids: Sequence[UUID]) -> Mapping[UUID, datetime]:
    ready = Archive.objects.filter(tenant_id__in=ids, is_snapshot=True, state=ArchiveState.READY, taken_at__isnull=False)
    return dict(ready.order_by().values_list("tenant_id").annotate(taken=Max("taken_at")))


def _of_rows(counts: tuple[int, int] | None) -> dict[str, Any]:  # Any: fields of Figures, here and below
    rows, dead = counts or (0, 0)
    return {"rows": rows, "dead_rows": dead}


def _of_traffic(traffic: Traffic) -> dict[str, Any]:
    p95 = traffic.p95
    return {
        "requests": traffic.requests,
        "server_errors": traffic.server_errors,
        "throttled": traffic.throttled,
        "p95_milliseconds": None if p95 is None else round(p95 / timedelta(milliseconds=1)),
    }


def _of_slow(counts: tuple[int, int] | None) -> dict[str, Any]:
    count, worst = counts or (0, 0)
    return {"slow_statements": count, "slow_milliseconds": worst}


def _of_queue(line: Row | None, now: datetime) -> dict[str, Any]:
    if line is None:
        return {}
    lag = int((now - line["oldest"]).total_seconds()) if line["oldest"] else 0
    return {"waiting": line["waiting"], "dead_letters": line["dead"], "lag_seconds": lag}


def _of_domains(line: Row | None, now: datetime) -> dict[str, Any]:
    if line is None:
        return {}
    days = (line["ends_at"] - now) // _DAY if line["ends_at"] else None
    return {"domains_failing": line["failing"], "certificate_days": days}


def _hours_since(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else (now - moment) // _HOUR
