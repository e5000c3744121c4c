"""The fleet brought to the running code's version in one call, for commands that wait until it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kernel.actor import Actor
from provisioning.errors import FleetNotReady
from provisioning.fleet.engine import CONNECTIONS, advance_fleet_to_end
from provisioning.fleet.services import start_fleet_run
from provisioning.models import FleetMove, FleetRun
from provisioning.types import ENDED_FLEETS, OPEN_MOVES, FleetState, MoveState
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import platform_scope

_FAILURE_LIMIT: Final = 3
_WAITING: Final = (FleetState.PAUSED, FleetState.STOPPED)


@dataclass(frozen=True, slots=True)
class FleetReport:
    """How many schemas were migrated, and why others could not be, by slug: those stay on their maintenance page.

    `held_up` are the slugs of those that somebody locks, or whose cluster is away, who are served as before; `left` is how
    many the run has not come to, which goes on later (running), or when a person says so (paused, stopped).
    """

    migrated: int
    failed: Mapping[str, str]
    state: FleetState = FleetState.DONE
    held_up: Sequence[str] = ()
    left: int = 0


def migrate_fleet(*, actor: Actor, connections: int = CONNECTIONS) -> FleetReport:
    """Bring everybody along who is behind, and carry an unfinished run of this code on. May be called by several at once.

    Goes on past a failure, and stops when they become many. A run that waits for a person is reported and left as it is:
    whoever starts the processes must not be kept from it by a pause.
    """
    with platform_scope(reason="migrate fleet"):
        run = unfinished_run_of_this_code() or _begun(actor)
    if run is None:
        return FleetReport(0, {})
    return report_on(run, FleetState(run.state)) if run.state in _WAITING else finish_fleet_run(run, connections=connections)


def _begun(actor: Actor) -> FleetRun | None:
    try:
        return start_fleet_run(actor=actor, canary_count=0, failure_limit=_FAILURE_LIMIT)
    except FleetNotReady:
        # While this one planned, another process may have begun the same.
        if (theirs := unfinished_run_of_this_code()) is None:
            raise
        return theirs


def unfinished_run_of_this_code() -> FleetRun | None:
    """The run to this code's version that is not done, if there is one. In the platform's scope."""
    return FleetRun.objects.exclude(state__in=ENDED_FLEETS).filter(target=code_schema_version()).first()


def finish_fleet_run(run: FleetRun, *, connections: int = CONNECTIONS, tell: Callable[[], None] | None = None) -> FleetReport:
    """Work until the run is done, stopped or paused, or all who are left are held up; `tell` as in `advance_fleet_to_end`."""
    return report_on(run, advance_fleet_to_end(run.pk, connections=connections, tell=tell))


def report_on(run: FleetRun, state: FleetState) -> FleetReport:
    """What has become of the tenants of a run that stands at `state`."""
    with platform_scope(reason="report on fleet"):
        moves = FleetMove.objects.filter(run=run)
        failed = dict(moves.filter(state=MoveState.FAILED).values_list("tenant_id", "error"))
        open_moves = dict(moves.filter(state__in=OPEN_MOVES).values_list("tenant_id", "state"))
        slugs = dict(Tenant.objects.filter(pk__in=[*failed, *open_moves]).values_list("pk", "slug"))
        migrated = moves.filter(state=MoveState.DONE).count()
    held_up = sorted(slugs[pk] for pk, at in open_moves.items() if at == MoveState.HELD_UP and pk in slugs)
    reasons = {slugs[pk]: error.partition("\n")[0] for pk, error in failed.items() if pk in slugs}
    return FleetReport(migrated, reasons, state, held_up, len(open_moves) - len(held_up))
