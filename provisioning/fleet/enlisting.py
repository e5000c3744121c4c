"""Who is behind, and what is planned for them: the moves and plans of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import partial
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet

from kernel.outbox.reach import on_reachable
from provisioning.fleet.plan import Plan, Stage
from provisioning.fleet.planning import make_plan
from provisioning.models import FleetMove, FleetPlan, FleetRun, Quarantine
from provisioning.types import OPEN_MOVES, MoveState, Wave
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import cluster_scope, platform_scope
from tenants.types import TenantStatus

# Summed up before it is joined: by estimates that are old, PostgreSQL looks for each schema's relations among all.
_PAGES: Final = """
    WITH sizes AS MATERIALIZED (SELECT relnamespace, sum(relpages) AS pages FROM pg_class GROUP BY relnamespace)
    SELECT n.nspname, pages FROM pg_namespace n JOIN sizes ON relnamespace = n.oid WHERE n.nspname = ANY(%s)
"""

_ENLIST: Final = """
    INSERT INTO provisioning_fleetmove (run_id, tenant_id, plan_id, wave, state, attempt, lease_owner, lease_token, error, sql)
    SELECT %s, b.tenant_id, p.id, %s, %s, 0, '', 0, '', ''
    FROM ({behind}) AS b (tenant_id, version) JOIN provisioning_fleetplan p ON p.source = b.version WHERE p.run_id = %s
    ON CONFLICT DO NOTHING
"""


def tenants_behind(target: str) -> QuerySet[Tenant]:
    """The tenants that a run has to bring to `target`: not erased, not in quarantine. In the platform's scope."""
    isolated = Quarantine.objects.values("tenant_id")
    behind = Tenant.objects.exclude(schema_version=target).exclude(status=TenantStatus.ERASED)
    return behind.exclude(pk__in=isolated)


def versions_behind() -> dict[str, int]:
    """How many tenants wait at each version that is not the code's; one statement, whatever their number."""
    with platform_scope(reason="who is behind"):
        rows = (
            tenants_behind(code_schema_version())
            .values("schema_version")
            .annotate(count=Count("pk"))
            .order_by("schema_version")
        )
        return {row["schema_version"]: row["count"] for row in rows}


def make_plans() -> dict[str, Plan]:
    """The plan for each version that somebody is behind at; touches no tenant.

    Raises:
        PlanFailed: see `make_plan`.
    """
    return {source: make_plan(source) for source in versions_behind()}


def write_plans(run: FleetRun, plans: Mapping[str, Plan]) -> None:
    """Keep the plans with the run. Those for versions of newer code are none of ours."""
    FleetPlan.objects.bulk_create(
        [
            FleetPlan(run=run, source=plan.source, stages=plan.stages_as_json(), fingerprint=plan.fingerprint)
            for plan in plans.values()
            if not plan.is_ahead
        ],
        ignore_conflicts=True,
    )


def enlist_latecomers(run: FleetRun) -> int:
    """As `enlist`, with those at a version that nobody stood at when the run was begun. Not inside a transaction: it plans."""
    planned = FleetPlan.objects.filter(run=run).values("source")
    fresh = _newcomers(run).exclude(schema_version__in=planned).order_by().values_list("schema_version", flat=True).distinct()
    write_plans(run, {source: make_plan(source) for source in fresh})
    return enlist(run)


def enlist(run: FleetRun) -> int:
    """Add everybody who is behind, at a version with a plan, and not yet in the run; how many. May be called again. In the
    platform's scope.
    """
    # One statement, whatever their number.
    behind, values = _newcomers(run).values_list("pk", "schema_version").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_ENLIST.format(behind=behind), [run.pk, Wave.REST, MoveState.PENDING, *values, run.pk])
        return int(cursor.rowcount)


def _newcomers(run: FleetRun) -> QuerySet[Tenant]:
    known = FleetMove.objects.filter(run=run).values("tenant_id")
    return tenants_behind(run.target).exclude(pk__in=known)


def smallest(tenant_ids: Collection[UUID], count: int) -> list[UUID]:
    """The `count` tenants with the least data, by PostgreSQL's own estimate, of those in service. In the platform's scope.

    On whichever cluster they live; none of one that is away.
    """
    if not count:
        return []
    homes: dict[str, dict[str, UUID]] = defaultdict(dict)
    in_service = Tenant.objects.filter(pk__in=tenant_ids, status=TenantStatus.ACTIVE)
    for alias, schema, pk in in_service.values_list("database", "schema_name", "pk"):
        homes[alias][schema] = pk
    sizes = [
        (pages, ids[schema])
        for alias, ids in homes.items()
        for schema, pages in (on_reachable(alias, partial(_pages, list(ids))) or {}).items()
    ]
    return [pk for _size, pk in sorted(sizes)[:count]]


def _pages(schemas: list[str]) -> dict[str, int]:
    with cluster_scope(reason="sizes of schemas"), connection.cursor() as cursor:
        cursor.execute(_PAGES, [schemas])
        return dict(cursor.fetchall())


def drop_vanished(run_pk: int) -> None:
    """Take tenants out of the run that were deleted since, or are being erased. In the platform's scope."""
    there = Tenant.objects.exclude(status=TenantStatus.ERASED).values("pk")
    FleetMove.objects.filter(run_id=run_pk, state__in=OPEN_MOVES).exclude(tenant_id__in=there).delete()


def plans_of(run_pk: int, *, target: str) -> dict[int, Plan]:
    """The plans of a run to `target`, by key; empty when the run's is another. In the platform's scope."""
    rows = FleetPlan.objects.filter(run_id=run_pk, run__target=target)
    return {row.pk: Plan(row.source, tuple(map(Stage.from_json, row.stages)), row.fingerprint) for row in rows}
