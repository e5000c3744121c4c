"""Brings one schema that nobody is served from along, by the fleet's own plan: what was loaded from an older archive."""

from __future__ import annotations

from collections.abc import Callable

from provisioning.fleet.ddl import recorded_migrations
from provisioning.fleet.planning import make_plan
from provisioning.fleet.stages import drop_leftovers, run_stage


def bring_schema(schema: str, *, source: str, tell: Callable[[], None]) -> None:
    """Bring `schema`, of version `source`, to this code's; `tell` is called before each stage. Quiet when it is there.

    Each stage is what it is for any tenant: SQL replayed in one short transaction, or the executor where that cannot be.
    Killed anywhere it may be called again. Must not be called inside a transaction.

    Raises:
        PlanFailed: there is no way. StatementFailed, DatabaseError: the rows do not go along with a migration.
    """
    stages = make_plan(source).stages
    recorded = recorded_migrations(schema)
    first = next((place for place, stage in enumerate(stages) if not stage.is_done_in(recorded)), len(stages))
    for stage in stages[first:]:
        tell()
        if not stage.is_atomic:
            drop_leftovers(schema, stage)
        run_stage(schema, stage)
