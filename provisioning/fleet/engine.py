"""Carries a run over the fleet on. Anybody may call it at any time, several at once: leases decide who brings whom along."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from threading import Thread
from typing import Final

import structlog
from django import db
from django.db import Error as DatabaseFailure
from django.db import transaction
from django.db.models import Min
from django.db.models.functions import Now

from kernel.outbox.reach import on_reachable
from provisioning.fleet.enlisting import drop_vanished, enlist_latecomers, plans_of
from provisioning.fleet.moves import Move, claim_moves, give_back
from provisioning.fleet.moving import Turn, bring_along
from provisioning.fleet.plan import Plan
from provisioning.models import FleetMove, FleetRun
from provisioning.types import OPEN_MOVES, FleetState, MoveState
from tenants.clusters import DEFAULT, clusters, on_cluster
from tenants.hosts import host_cache
from tenants.schemas import code_schema_version
from tenants.scope import cluster_scope, platform_scope

log = structlog.get_logger(__name__)

# One keeps a core of PostgreSQL's busy. How many that has is not known here: as many as this machine, if those are few.
CONNECTIONS: Final = min(max(os.cpu_count() or 1, 2), 4)
# Tenants that one statement claims, and the seconds after which those whose turn has not come are given back: one that waits
# for a lock must not keep its neighbours, nor a pause.
_MOST: Final = 16
_LONGEST_TURN: Final = 1.0
# Of those, how many go the quick way by one round trip: with each of its own, this process would cost a fifth of the time.
_TOGETHER: Final = 4
# A wave that waits for its last canary goes on at once; for a tenant that pauses nobody has to ask so often.
_SHORTEST_WAIT: Final = 0.01
_LONGEST_WAIT: Final = 0.5
# How often somebody who waits hears how far it is.
_BETWEEN_WORDS: Final = 0.5
# PostgreSQL restarts, or has no connection left: it is asked again after pauses that double, for a good five minutes.
_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 10.0
_PATIENCE: Final = 35


def advance_fleet(run_pk: int, *, limit: int | None = None, seconds: float | None = None) -> FleetState:
    """Bring along up to `limit` tenants by this connection, for about `seconds`, or all that can be taken now; its state then.

    For a worker with other things to do. Must not be called inside a transaction.
    """
    _work(run_pk, limit, None if seconds is None else time.monotonic() + seconds)
    return _settle(run_pk)


def advance_fleet_to_end(run_pk: int, *, connections: int = CONNECTIONS, tell: Callable[[], None] | None = None) -> FleetState:
    """Work by several connections until the run is done, stopped or paused; waits for tenants that pause or are leased.

    `tell` is called twice a second meanwhile, and when a crew has ended.

    Comes back, with the run still running, when all who are left are held up for minutes, and at once with code of another
    version than the run's. Outlives a restart of PostgreSQL.

    Raises:
        DatabaseError: PostgreSQL is away for longer than five minutes.
    """
    failures = 0
    while True:
        try:
            is_alone = connections == 1 and tell is None
            is_through = _survives(run_pk) if is_alone else _work_in_parallel(run_pk, connections, tell)
            state = _settle(run_pk)
            if state != FleetState.RUNNING or not _is_of_this_code(run_pk) or (is_through and not _has_work(run_pk)):
                return state
        except DatabaseFailure:
            db.connections.close_all()
            if failures >= _PATIENCE:
                raise
            is_through = False
        failures = 0 if is_through else failures + 1
        time.sleep(_SHORTEST_WAIT if is_through else min(_FIRST_PAUSE * 2**failures, _LONGEST_PAUSE))


def waiting_fleet_runs() -> list[int]:
    """Runs of this code's version that go on and at which nobody is: left by a killed worker, or a lost ring."""
    with platform_scope(reason="find waiting fleet runs"):
        leased = FleetMove.objects.filter(state=MoveState.RUNNING, leased_until__gt=Now()).values("run_id")
        runs = FleetRun.objects.filter(state=FleetState.RUNNING, target=code_schema_version()).exclude(pk__in=leased)
        return list(runs.values_list("pk", flat=True))


def _work_to_end(run_pk: int) -> None:
    """Take tenants, and wait for those that pause or are leased, until there is none left to wait for."""
    wait = _SHORTEST_WAIT
    while True:
        wait = _SHORTEST_WAIT if _work(run_pk) else min(2 * wait, _LONGEST_WAIT)
        with platform_scope(reason="fleet"):
            runs = FleetRun.objects.filter(pk=run_pk, state=FleetState.RUNNING, target=code_schema_version())
            if not runs.exists() or not _has_work(run_pk):
                return
            drop_vanished(run_pk)
        time.sleep(wait)


def _work(run_pk: int, limit: int | None = None, until: float | None = None) -> int:
    """Take some tenants after the others; how many. Code of another version than the run's takes none."""
    target = code_schema_version()
    with platform_scope(reason="fleet"):
        plans = plans_of(run_pk, target=target)
    done = 0
    while plans and (limit is None or done < limit) and (until is None or time.monotonic() < until):
        moves = claim_moves(run_pk, many=min(_how_many(plans), _MOST if limit is None else limit - done))
        if not moves:
            break
        if any(move.plan_pk not in plans for move in moves):  # a straggler of a version that was planned for since
            with platform_scope(reason="fleet"):
                plans = plans_of(run_pk, target=target)
        done += _bring_in_turn(moves, plans, target)
    if done:
        host_cache.clear()
    return done


def _how_many(plans: Mapping[int, Plan]) -> int:
    """How many tenants are claimed together: those that take milliseconds; a lease is short."""
    return 1 if any(plan.is_slow for plan in plans.values()) else _MOST


def _bring_in_turn(moves: Sequence[Move], plans: Mapping[int, Plan], target: str) -> int:
    """Bring along who was claimed together, each on its own; how many were tried.

    After one that did not arrive the others are given back: the run may be stopped by it, or each of them wait as long.
    """
    began = time.monotonic()
    tried = 0
    while tried < len(moves):
        turn = _bring(_alike(moves[tried : tried + _TOGETHER]), plans, target)
        tried += turn.tried
        if tried < len(moves) and not (turn.has_arrived and time.monotonic() - began < _LONGEST_TURN):
            give_back(moves[tried:])
            break
    return tried


def _alike(moves: Sequence[Move]) -> list[Move]:
    """The first, and those behind it that are of its plan and on its cluster."""
    first = moves[0]
    return list(takewhile(lambda move: (move.plan_pk, move.database) == (first.plan_pk, first.database), moves))


def _bring(moves: Sequence[Move], plans: Mapping[int, Plan], target: str) -> Turn:
    """Who lives on a cluster that is away is no worse for it: they are tried again later."""
    first = moves[0]
    if not _answers(first.database):
        first.hold_up(f"The cluster {first.database} does not answer.", "")
        return Turn(1, has_arrived=False)
    with on_cluster(first.database):
        return bring_along(moves, plans[first.plan_pk], target=target)


def _answers(cluster: str) -> bool:
    """Asked of another cluster than the one that this run is read from."""
    return cluster == DEFAULT or (cluster in clusters() and on_reachable(cluster, _answer) is not None)


def _answer() -> bool:
    with cluster_scope(reason="does it answer?"), db.connection.cursor() as cursor:
        cursor.execute("SELECT")
    return True


def _work_in_parallel(run_pk: int, connections: int, tell: Callable[[], None] | None) -> bool:
    """Each thread enters its own scopes, on a connection of its own, which ends with it. Whether one came to the end.

    What is no failure of the database ends all of it, as it would one that works alone.
    """
    survived: list[bool] = []
    broken: list[Exception] = []

    def work() -> None:
        try:
            survived.append(_survives(run_pk))
        except Exception as error:  # noqa: BLE001  # raised again below: a thread's own end is heard by nobody
            broken.append(error)
        finally:
            db.connections.close_all()

    crew = [Thread(target=work, name=f"fleet-{number}") for number in range(connections)]
    for member in crew:
        member.start()
    for member in crew:
        while member.is_alive():
            member.join(None if tell is None else _BETWEEN_WORDS)
            if tell is not None:
                tell()
    if broken:
        raise broken[0]
    return any(survived)


def _survives(run_pk: int) -> bool:
    try:
        _work_to_end(run_pk)
    except DatabaseFailure:
        # PostgreSQL restarts, or is away: what was claimed is free again when its lease ends.
        log.exception("fleet worker failed")
        db.connections.close_all()
        return False
    return True


def _settle(run_pk: int) -> FleetState:
    """The run's state; ends it when every tenant is through, those included that came while it went on."""
    with platform_scope(reason="fleet"):
        drop_vanished(run_pk)
        run = FleetRun.objects.get(pk=run_pk)
        if (
            run.state != FleetState.RUNNING
            or run.target != code_schema_version()
            or _has_open(run_pk)
            or enlist_latecomers(run)
        ):
            return FleetState(run.state)
        with transaction.atomic():
            # Paused in this moment, it stays paused; and whoever has somebody tried again holds the run meanwhile.
            ending = FleetRun.objects.select_for_update().filter(pk=run_pk, state=FleetState.RUNNING)
            if ending.first() is not None and not _has_open(run_pk):
                ending.update(state=FleetState.DONE, finished_at=Now(), error="")
        run.refresh_from_db()
    return FleetState(run.state)


def _is_of_this_code(run_pk: int) -> bool:
    with platform_scope(reason="fleet"):
        return FleetRun.objects.filter(pk=run_pk, target=code_schema_version()).exists()


def _has_open(run_pk: int) -> bool:
    return FleetMove.objects.filter(run_id=run_pk, state__in=OPEN_MOVES).exists()


def _has_work(run_pk: int) -> bool:
    """Whether the wave that is on has a tenant for which to wait is a matter of seconds."""
    with platform_scope(reason="fleet"):
        moves = FleetMove.objects.filter(run_id=run_pk, state__in=OPEN_MOVES)
        wave = moves.aggregate(wave=Min("wave"))["wave"]
        return moves.filter(wave=wave).exclude(state=MoveState.HELD_UP, leased_until__gt=Now()).exists()
