"""Brings one tenant along: looks where its schema stands, does what is missing, notes its version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import structlog
from django.db import close_old_connections

from provisioning.errors import Drifted, LeaseLost
from provisioning.fleet.ddl import changing, record_migrations, recorded_migrations
from provisioning.fleet.failing import Failure, failure_of
from provisioning.fleet.fingerprint import quick_print
from provisioning.fleet.moves import MAX_ATTEMPTS, Move
from provisioning.fleet.plan import Plan
from provisioning.fleet.planning import catalog_before, stages_one_by_one
from provisioning.fleet.quick import Replayed, replay_at_once
from provisioning.fleet.stages import drop_leftovers, execute, replay
from provisioning.schemas.catalog import read_catalog
from tenants.session_locks import trying

log = structlog.get_logger(__name__)

# The longest that one transaction of a replay may hold its locks, and one in which a migration's own Python runs.
_SECONDS: Final = 60
_SLOW_SECONDS: Final = 3600
_SHOWN_DIFFERENCES: Final = 20


@dataclass
class _Try:
    """One try at one tenant. `is_locked`: nobody else can be at it on the slow road, by a lock of this session."""

    move: Move
    target: str
    # Of the quick way, which was tried before.
    error: Exception | None = None
    is_locked: bool = False

    def renew(self) -> None:
        """Take back what another worker claimed while this one was longer at it than its lease, and found locked.

        Raises:
            LeaseLost: the move has ended: somebody put the tenant into quarantine, or newer code began a run of its own.
        """
        if self.is_locked:
            self.move = self.move.retaken()

    def look_closely(self) -> None:
        """Keep others away while the whole catalog is read, which may take longer than a lease."""
        self.move = self.move.retaken() if self.is_locked else self.move.prolonged(_SECONDS)


class Turn(NamedTuple):
    """How many were tried, and whether all of those have arrived; if not, the last one has not."""

    tried: int
    has_arrived: bool


def bring_along(moves: Sequence[Move], plan: Plan, *, target: str) -> Turn:
    """Bring the first of `moves` to `target`, or note why not, and those behind it that go the quick way with it.

    They are of one plan and on one cluster. Raises nothing; killed anywhere, it may be done again.
    """
    quick = _replay_at_once(moves, plan, target)
    if quick.arrived == len(moves):
        return Turn(len(moves), has_arrived=True)
    work = _Try(moves[quick.arrived], target, quick.error)
    return Turn(quick.arrived + 1, has_arrived=_bring_one(work, plan))


def _replay_at_once(moves: Sequence[Move], plan: Plan, target: str) -> Replayed:
    if not plan.is_one_replay or any(move.attempt > MAX_ATTEMPTS for move in moves):
        return Replayed(0)
    try:
        return replay_at_once(moves, plan, target=target, seconds=_SECONDS)
    except Exception as error:  # noqa: BLE001  # no connection, say: recorded with the first
        return Replayed(0, error)


def _bring_one(work: _Try, plan: Plan) -> bool:
    try:
        return _bring_slowly(work, plan) if plan.is_slow else _bring_or_record(work, plan)
    except LeaseLost:
        log.warning("fleet lease lost", tenant=str(work.move.tenant_id))
    except Exception as error:  # noqa: BLE001  # what could not even be noted under the lock: its session is gone
        close_old_connections()
        _record(work.move, failure_of(error, work.move.schema))
    return False


def _bring_slowly(work: _Try, plan: Plan) -> bool:
    """Outside of one transaction, PostgreSQL knows by a lock of the session whether a killed worker's statement still runs."""
    with trying(f"fleet {work.move.schema}", database=work.move.database) as held:
        work.is_locked = held
        if held:
            return _bring_or_record(work, plan)
        work.move.wait_for_another()
    return False


def _bring_or_record(work: _Try, plan: Plan) -> bool:
    if work.move.attempt > MAX_ATTEMPTS:
        _record(work.move, Failure(f"Its worker was lost {MAX_ATTEMPTS} times.", is_passing=False))
        return False
    try:
        _bring_looking_twice(work, plan)
    except LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001  # whatever a migration raises in one tenant is that tenant's record
        if not work.is_locked:
            close_old_connections()
        work.renew()
        _record(work.move, failure_of(error, work.move.schema))
        return False
    return True


def _bring_looking_twice(work: _Try, plan: Plan) -> None:
    """The quick look at a schema is only a reason to look closely."""
    if work.error is not None:
        raise work.error
    try:
        _bring(work, plan)
    except _LooksDifferent as found:
        work.look_closely()
        differences = read_catalog(work.move.schema).differences(catalog_before(plan, found.place))
        if differences:
            shown = "\n".join(differences[:_SHOWN_DIFFERENCES])
            raise Drifted(
                f"The schema is not that of version {plan.source} (differences: {len(differences)}):\n{shown}"
            ) from found
        _bring(work, plan.without_fingerprints())


def _bring(work: _Try, plan: Plan) -> None:
    schema = work.move.schema
    if plan.is_whole:
        plan = plan.spelled_out(stages_one_by_one(schema))
    for place in range(_first_missing(schema, plan), len(plan.stages)):
        work.renew()
        if _run_stage(work, plan, place):
            return
    work.renew()
    with changing(schema, seconds=_SECONDS):
        work.move.hold()
        _look(schema, plan, len(plan.stages))
        work.move.finish(target=work.target, base=plan.base)


def _run_stage(work: _Try, plan: Plan, place: int) -> bool:
    """Bring the tenant past one stage; whether it has arrived with that."""
    schema, stage = work.move.schema, plan.stages[place]
    if not stage.is_atomic:
        _run_outside(schema, plan, place)
        return False
    is_last = stage.road == "replay" and place == len(plan.stages) - 1
    with changing(schema, seconds=_SECONDS if stage.road == "replay" else _SLOW_SECONDS):
        work.move.hold()
        _look(schema, plan, place)
        if stage.road == "replay":
            replay(schema, stage)
        else:
            execute(schema, stage)
        if is_last:
            work.move.finish(target=work.target, base=plan.base)
    return is_last


def _run_outside(schema: str, plan: Plan, place: int) -> None:
    """What cannot run in a transaction: a try that was killed did all of it, half of it or nothing, and noted nothing."""
    stage = plan.stages[place]
    drop_leftovers(schema, stage)
    before, after = plan.fingerprint_at(place), plan.fingerprint_at(place + 1)
    if after != before and quick_print(schema) == after:
        with changing(schema, seconds=_SECONDS):
            record_migrations(schema, list(stage.migrations))
        return
    _look(schema, plan, place)
    execute(schema, stage)


def _first_missing(schema: str, plan: Plan) -> int:
    recorded = recorded_migrations(schema, among=[label for stage in plan.stages for label in stage.migrations])
    return next((place for place, stage in enumerate(plan.stages) if not stage.is_done_in(recorded)), len(plan.stages))


def _look(schema: str, plan: Plan, place: int) -> None:
    expected = plan.fingerprint_at(place)
    if expected and quick_print(schema) != expected:
        raise _LooksDifferent(place)


class _LooksDifferent(Exception):
    """The schema's quick fingerprint is not the plan's before the stage at `place`."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def _record(move: Move, failure: Failure) -> None:
    is_another_try = failure.is_passing and move.attempt < MAX_ATTEMPTS
    log.warning(
        "tenant not migrated",
        tenant=str(move.tenant_id), reason=failure.message, sql=failure.sql, again=is_another_try or failure.is_lock,
    )  # fmt: skip
    if is_another_try:
        move.put_back(failure.message, failure.sql)
    elif failure.is_lock:
        move.hold_up(failure.message, failure.sql)
    else:
        move.fail(failure.message, failure.sql)
