"""Who is behind, and what is planned for them: the moves and plans of a run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import partial
from uuid import UUID

from django.db import connection
from django.db.models import Count, QuerySet

from kernel.outbox.reach import on_reachable
from provisioning.fleet.plan import Plan, Stage
from provisioning.fleet.planning import make_plan
from provisioning.models import FleetMove, FleetPlan, FleetRun, Quarantine
from provisioning.types import OPEN_MOVES, Wave
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import cluster_scope, platform_scope
from tenants.types import TenantStatus

_PAGES = """
    SELECT n.nspname, sum(c.relpages) FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid
    WHERE n.nspname = ANY(%s) GROUP BY n.nspname
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


def enlist(run: FleetRun, *, canaries: Collection[UUID] = ()) -> int:
    """Add everybody who is behind and not yet in the run; how many. May be called again. In the platform's scope."""
    known = FleetMove.objects.filter(run=run).values("tenant_id")
    newcomers = list(tenants_behind(run.target).exclude(pk__in=known).values_list("pk", "schema_version"))
    plans = dict(FleetPlan.objects.filter(run=run).values_list("source", "pk"))
    if fresh := {source for _pk, source in newcomers} - plans.keys():
        write_plans(run, {source: make_plan(source) for source in fresh})
        plans = dict(FleetPlan.objects.filter(run=run).values_list("source", "pk"))
    moves = [
        FleetMove(run=run, tenant_id=pk, plan_id=plans[source], wave=Wave.CANARY if pk in canaries else Wave.REST)
        for pk, source in newcomers
        if source in plans
    ]
    return len(FleetMove.objects.bulk_create(moves, ignore_conflicts=True, batch_size=1000))


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
    """Take tenants out of the run that were deleted since. In the platform's scope."""
    there = Tenant.objects.values("pk")
    FleetMove.objects.filter(run_id=run_pk, state__in=OPEN_MOVES).exclude(tenant_id__in=there).delete()


def plans_of(run_pk: int, *, target: str) -> dict[int, Plan]:
    """The plans of a run to `target`, by key; empty when the run's is another. In the platform's scope."""
    rows = FleetPlan.objects.filter(run_id=run_pk, run__target=target)
    return {row.pk: Plan(row.source, tuple(map(Stage.from_json, row.stages)), row.fingerprint) for row in rows}
