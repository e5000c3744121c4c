"""Brings one tenant along: looks where its schema stands, does what is missing, notes its version."""

from __future__ import annotations

from typing import Final

import structlog
from django.db import Error as DatabaseFailure
from django.db import InterfaceError, OperationalError, connection

from provisioning.errors import Drifted, LeaseLost, ProvisioningError, StatementFailed
from provisioning.fleet.ddl import changing, recorded_migrations
from provisioning.fleet.fingerprint import quick_print
from provisioning.fleet.moves import MAX_ATTEMPTS, Move
from provisioning.fleet.plan import Plan
from provisioning.fleet.planning import catalog_before
from provisioning.fleet.stages import drop_leftovers, replay, run_stage
from provisioning.locks import trying
from provisioning.schemas.catalog import read_catalog

log = structlog.get_logger(__name__)

# The longest that one transaction of a replay may hold its locks.
_SECONDS: Final = 60
_SHOWN_DIFFERENCES: Final = 20
# A lock that somebody holds, a deadlock, a server that restarts: the next try may well succeed.
_PASSING_STATES: Final = frozenset({"55P03", "40P01", "40001", "57014", "57P01", "57P02", "57P03", "53300", "25P04"})


def bring_along(move: Move, plan: Plan, *, target: str) -> None:
    """Bring the tenant of `move` to `target`, or note why not. Raises nothing; killed anywhere, it may be done again."""
    try:
        if plan.is_slow:
            _bring_slowly(move, plan, target)
        else:
            _bring_looking_twice(move, plan, target)
    except LeaseLost:
        log.warning("fleet lease lost", tenant=str(move.tenant_id))
    except Exception as error:  # noqa: BLE001  # whatever a migration raises in one tenant is that tenant's record
        _record(move, error)


def _bring_slowly(move: Move, plan: Plan, target: str) -> None:
    """Outside of one transaction, PostgreSQL knows by a lock of the session whether a killed worker's statement still runs."""
    with trying(f"fleet {move.schema}") as held:
        if held:
            _bring_looking_twice(move, plan, target)
        else:
            move.wait_for_another()


def _bring_looking_twice(move: Move, plan: Plan, target: str) -> None:
    """The quick look at a schema is only a reason to look closely."""
    try:
        _bring(move, plan, target)
    except _LooksDifferent as found:
        differences = read_catalog(move.schema).differences(catalog_before(plan, found.place))
        if differences:
            shown = "\n".join(differences[:_SHOWN_DIFFERENCES])
            raise Drifted(
                f"The schema is not that of version {plan.source} ({len(differences)} differences):\n{shown}"
            ) from found
        _bring(move, plan.without_fingerprints(), target)


def _bring(move: Move, plan: Plan, target: str) -> None:
    first = _first_missing(move.schema, plan)
    for place, stage in list(enumerate(plan.stages))[first:]:
        if stage.road != "replay":
            drop_leftovers(move.schema, stage)
            _look(move.schema, plan, place)
            run_stage(move.schema, stage)
            continue
        with changing(move.schema, seconds=_SECONDS):
            move.hold()
            _look(move.schema, plan, place)
            replay(move.schema, stage)
            if place == len(plan.stages) - 1:
                move.finish(target=target, source=plan.source)
                return
    with changing(move.schema, seconds=_SECONDS):
        _look(move.schema, plan, len(plan.stages))
        move.finish(target=target, source=plan.source)


def _first_missing(schema: str, plan: Plan) -> int:
    recorded = recorded_migrations(schema, among=[label for stage in plan.stages for label in stage.migrations])
    return next((place for place, stage in enumerate(plan.stages) if not stage.is_done_in(recorded)), len(plan.stages))


def _look(schema: str, plan: Plan, place: int) -> None:
    expected = plan.stages[place].fingerprint if place < len(plan.stages) else plan.fingerprint
    if expected and quick_print(schema) != expected:
        raise _LooksDifferent(place)


class _LooksDifferent(Exception):
    """The schema's quick fingerprint is not the plan's before the stage at `place`."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def _record(move: Move, error: Exception) -> None:
    message = str(error) if isinstance(error, ProvisioningError) else f"{type(error).__name__}: {error}".strip()
    sql = error.sql if isinstance(error, StatementFailed) else ""
    is_final = not _is_passing(error) or move.attempt >= MAX_ATTEMPTS
    log.warning("tenant not migrated", tenant=str(move.tenant_id), final=is_final, reason=message, sql=sql)
    connection.close_if_unusable_or_obsolete()
    if is_final:
        move.fail(message, sql)
    else:
        move.put_back(message, sql)


def _is_passing(error: BaseException) -> bool:
    if isinstance(error, StatementFailed) and error.__cause__ is not None:
        return _is_passing(error.__cause__)
    state = getattr(error.__cause__, "sqlstate", None) if isinstance(error, DatabaseFailure) else None
    if state is not None:
        return state in _PASSING_STATES
    return isinstance(error, OperationalError | InterfaceError)
