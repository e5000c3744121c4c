"""What tests of the fleet look at and do in the tenants' schemas."""

from __future__ import annotations

from django.db import connection

from kernel.actor import Actor
from provisioning.fleet.enlisting import plans_of
from provisioning.fleet.migrating import FleetReport, finish_fleet_run
from provisioning.fleet.moves import Move, claim_moves
from provisioning.fleet.moving import bring_along
from provisioning.fleet.services import start_fleet_run
from provisioning.models import FleetMove, FleetRun, Quarantine
from tenants.models import Tenant
from tenants.scope import platform_scope, schema_scope

SYSTEM = Actor.system("test")


def start(**options) -> FleetRun:
    """A run whose tenants nobody has touched yet."""
    run = start_fleet_run(actor=SYSTEM, **options)
    assert run is not None
    return run


def migrate(**options) -> FleetReport:
    """A run from its beginning to its end, by this thread's connection."""
    return finish_fleet_run(start(**options), connections=1)


def claim(run: FleetRun) -> Move | None:
    """The next tenant, for a worker that takes one; None when there is none to be had."""
    return next(iter(claim_moves(run.pk, many=1)), None)


def bring(run: FleetRun, move: Move) -> bool:
    """What the worker that claimed `move` does with it; whether the tenant has arrived."""
    with platform_scope(reason="test"):
        plans = plans_of(run.pk, target=run.target)
    return bring_along([move], plans[move.plan_pk], target=run.target).has_arrived


def execute(schema: str, sql: str) -> list[tuple]:
    """Run `sql` in `schema`."""
    with schema_scope(schema, reason="test"), connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def tenant(slug: str) -> Tenant:
    """The registry's row as it is now."""
    with platform_scope(reason="test"):
        return Tenant.objects.get(slug=slug)


def move_of(slug: str) -> FleetMove:
    """The newest move of a tenant."""
    with platform_scope(reason="test"):
        return FleetMove.objects.filter(tenant_id=tenant(slug).pk).latest("pk")


def quarantined() -> set[str]:
    """The slugs in quarantine."""
    with platform_scope(reason="test"):
        kept = Quarantine.objects.values("tenant_id")
        return set(Tenant.objects.filter(pk__in=kept).values_list("slug", flat=True))


def state_of(run: FleetRun) -> str:
    """Where the run stands now."""
    with platform_scope(reason="test"):
        return FleetRun.objects.values_list("state", flat=True).get(pk=run.pk)


def two_categories_of_one_icon(schema: str) -> None:
    """What makes UNIQUE_ICON fail."""
    columns = "(public_id, name, slug, description, icon, position)"
    for slug in ("one", "two"):
        values = f"(gen_random_uuid(), '{slug}', '{slug}', '', 'same', 0)"
        execute(schema, f"INSERT INTO catalog_category {columns} VALUES {values}")
