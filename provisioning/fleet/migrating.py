"""The fleet brought to the running code's version in one call, for commands that wait until it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kernel.actor import Actor
from provisioning.fleet.engine import CONNECTIONS, advance_fleet_to_end
from provisioning.fleet.services import start_fleet_run
from provisioning.models import FleetMove, FleetRun
from provisioning.types import FleetState, MoveState
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import platform_scope

_WITHOUT_LIMIT: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class FleetReport:
    """How many schemas were migrated, and why others could not be, by slug: those stay on their maintenance page."""

    migrated: int
    failed: Mapping[str, str]
    state: FleetState = FleetState.DONE


def migrate_fleet(*, actor: Actor, connections: int = CONNECTIONS) -> FleetReport:
    """Bring everybody along who is behind, and carry an unfinished run of this code on. May be called by several at once.

    Goes on past a failure, and past any number of them: whoever calls this waits for the whole fleet.
    """
    with platform_scope(reason="migrate fleet"):
        run = FleetRun.objects.filter(state=FleetState.RUNNING, target=code_schema_version()).first()
        run = run or start_fleet_run(actor=actor, canary_count=0, failure_limit=_WITHOUT_LIMIT)
    return FleetReport(0, {}) if run is None else finish_fleet_run(run, connections=connections)


def finish_fleet_run(run: FleetRun, *, connections: int = CONNECTIONS) -> FleetReport:
    """Work until the run is done, stopped or paused."""
    state = advance_fleet_to_end(run.pk, connections=connections)
    with platform_scope(reason="report on fleet"):
        moves = FleetMove.objects.filter(run=run)
        failed = dict(moves.filter(state=MoveState.FAILED).values_list("tenant_id", "error"))
        slugs = dict(Tenant.objects.filter(pk__in=failed).values_list("pk", "slug"))
        migrated = moves.filter(state=MoveState.DONE).count()
    reasons = {slugs[pk]: error.partition("\n")[0] for pk, error in failed.items() if pk in slugs}
    return FleetReport(migrated, reasons, state)
