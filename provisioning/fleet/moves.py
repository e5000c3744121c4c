"""Who brings which tenant along: leases on the moves of a run, kept by PostgreSQL's clock, and how each move ends."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import DataError, connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from provisioning.errors import LeaseLost
from provisioning.fleet.prepared import Prepared, claims, does_not_hold, prepare
from provisioning.leasing import lease_seconds, worker_name
from provisioning.models import FleetMove, FleetRun, Quarantine
from provisioning.types import OPEN_MOVES, FleetState, MoveState, Wave
from tenants.clusters import DEFAULT
from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.scope import owner_scope, platform_scope, schema_scope
from tenants.types import TenantStatus

# A tenant that kills its worker this many times will not do better the next time; one that is locked has to wait longer.
MAX_ATTEMPTS: Final = 5
_BACKOFF: Final = timedelta(seconds=0.5)
# Somebody reads a long report: for so long the tenant is left alone.
_HELD_UP_FOR: Final = timedelta(minutes=2)
_LONGEST_TEXT: Final = 4000
# However often somebody was at it: the column is a smallint.
_ANY: Final = 32767
# One statement, so that any number of workers each get another tenant or none. The next wave begins when the one before has
# nothing open; the failure that stops a run is committed together with the end of its move. As an array the choice is made
# once: as IN (…) a plan may make it for each row, pass over what it has just claimed, and take more than it was to.
_OPEN: Final = ", ".join(f"'{state}'" for state in OPEN_MOVES)
_CLAIM: Final = f"""
    UPDATE provisioning_fleetmove m
    SET state = 'running', lease_owner = %(owner)s, lease_token = lease_token + 1, attempt = attempt + 1,
        leased_until = clock_timestamp() + make_interval(secs => %(seconds)s), started_at = clock_timestamp()
    FROM tenants_tenant t
    WHERE t.id = m.tenant_id AND t.status <> '{TenantStatus.ERASED}' AND m.id = ANY(ARRAY(
        SELECT n.id FROM provisioning_fleetmove n JOIN provisioning_fleetrun r ON r.id = n.run_id
        WHERE r.id = %(run)s AND r.state = 'running' AND n.state IN ({_OPEN})
          AND n.wave = (SELECT min(wave) FROM provisioning_fleetmove WHERE run_id = %(run)s AND state IN ({_OPEN}))
          AND (n.leased_until IS NULL OR n.leased_until <= clock_timestamp())
          AND n.attempt <= %(attempts)s
        ORDER BY n.id LIMIT %(many)s FOR UPDATE OF n SKIP LOCKED
    ))
    RETURNING m.id, m.tenant_id, t.database, t.schema_name, m.plan_id, m.wave, m.lease_token, m.attempt
"""  # noqa: S608  # states of ours
_GIVE_BACK: Final = """
    UPDATE provisioning_fleetmove m
    SET state = 'pending', lease_owner = '', leased_until = NULL, attempt = attempt - 1
    FROM unnest(%(ids)s::bigint[], %(tokens)s::bigint[]) AS given (id, token)
    WHERE m.id = given.id AND m.lease_token = given.token AND m.state = 'running'
"""
# The row stays locked to the end of the transaction, and who is locked is not claimed: the work has one worker.
_HOLD_SQL: Final = "SELECT FROM public.provisioning_fleetmove WHERE id = $1 AND lease_token = $2 FOR UPDATE"
_HOLD: Final = Prepared("fleet_hold", "bigint, bigint", claims(_HOLD_SQL, rows=1))
_FINISH_SQL: Final = """
    WITH settled AS (
        UPDATE public.provisioning_fleetmove
        SET state = 'done', lease_owner = '', leased_until = NULL, error = '', sql = '', finished_at = clock_timestamp(),
            duration_ms = extract(epoch FROM clock_timestamp() - started_at) * 1000
        WHERE id = $1 AND lease_token = $2 RETURNING tenant_id
    ), freed AS (
        DELETE FROM public.provisioning_quarantine q USING settled WHERE q.tenant_id = settled.tenant_id RETURNING was_active
    ), claimed AS (
        UPDATE public.tenants_tenant t
        SET schema_version = $4, schema_base = $5, updated_at = now(),
            status = CASE WHEN t.status = 'maintenance' AND EXISTS (SELECT FROM freed WHERE was_active) THEN 'active'
                     ELSE t.status END
        FROM settled WHERE t.id = settled.tenant_id AND t.schema_name = $3
        RETURNING t.id
    )
    SELECT 1 / (count(*) = 1)::int FROM claimed
"""
_FINISH: Final = Prepared("fleet_finish", "bigint, bigint, text, text, text", _FINISH_SQL)


@dataclass(frozen=True, slots=True)
class Move:
    """The right to bring one tenant along; worthless once somebody else took it (then `token` is not the row's any more)."""

    pk: int
    run_pk: int
    tenant_id: UUID
    schema: str
    plan_pk: int
    wave: int
    token: int
    attempt: int
    database: str = DEFAULT

    def hold(self) -> None:
        """Keep everybody else from this tenant to the end of the current transaction.

        Raises:
            LeaseLost: somebody else took it.
        """
        self._execute(self.hold_sql())

    def hold_sql(self) -> str:
        """What holds it, after `prepare_moves`: a claim (`prepared`), as somebody else may have taken it."""
        return _HOLD.call(self.pk, self.token)

    def retaken(self) -> Move:
        """The same move under a new token, leased anew: for whoever has the tenant's session lock, whoever claimed it since.

        Raises:
            LeaseLost: it has ended meanwhile.
        """
        open_still = FleetMove.objects.filter(pk=self.pk, state__in=OPEN_MOVES)
        return self._leased_anew(open_still, seconds=lease_seconds())

    def prolonged(self, seconds: int) -> Move:
        """The same move under a new token, leased for `seconds` from now.

        Raises:
            LeaseLost: somebody else took it.
        """
        return self._leased_anew(FleetMove.objects.filter(pk=self.pk, lease_token=self.token), seconds=seconds)

    def finish(self, *, target: str, base: str) -> None:
        """Note the tenant's new version and the end of the move; in the transaction of the schema's change.

        Code of version `base` goes on serving the tenant.

        Raises:
            LeaseLost: somebody else took it, or the tenant's data are those of another schema by now.
        """
        self._execute(self.finish_sql(target=target, base=base))

    def finish_sql(self, *, target: str, base: str) -> str:
        """What finishes it, after `prepare_moves`: a claim (`prepared`) where `finish` would raise."""
        return _FINISH.call(self.pk, self.token, self.schema, target, base)

    def lost(self) -> LeaseLost:
        return LeaseLost(f"Somebody else took the move {self.pk} meanwhile.")

    def put_back(self, error: str, sql: str) -> None:
        """Leave it for another try after a pause that doubles each time."""
        pause = _BACKOFF * (1 << (self.attempt - 1))
        self._release(leased_until=Now() + pause, error=error[:_LONGEST_TEXT], sql=sql[:_LONGEST_TEXT])

    def hold_up(self, error: str, sql: str) -> None:
        """Leave it for minutes, with fresh attempts after them: somebody's locks are no reason to close a tenant."""
        texts = {"error": error[:_LONGEST_TEXT], "sql": sql[:_LONGEST_TEXT]}
        self._release(leased_until=Now() + _HELD_UP_FOR, attempt=0, state=MoveState.HELD_UP, **texts)

    def wait_for_another(self) -> None:
        """Leave it to whoever is still at it by another connection; this was no try."""
        self._release(leased_until=Now() + timedelta(seconds=lease_seconds()), attempt=F("attempt") - 1)

    def fail(self, error: str, sql: str) -> None:
        """End it, quarantine the tenant, and stop the run when that was one failure too many for its wave."""
        with platform_scope(reason="fleet move failed"), transaction.atomic():
            run = FleetRun.objects.select_for_update().get(pk=self.run_pk)
            texts = {"error": error[:_LONGEST_TEXT], "sql": sql[:_LONGEST_TEXT]}
            ended = self._under_way().update(
                state=MoveState.FAILED, finished_at=Now(), lease_owner="", leased_until=None, **texts
            )
            if ended:
                isolate(tenant_id=self.tenant_id, reason=texts["error"], sql=texts["sql"], by="fleet")
                _stop_if_too_many(run, self.wave)

    def _under_way(self) -> QuerySet[FleetMove]:
        """Nobody else has it, and it has not arrived: of a lost connection's last transaction nobody was told."""
        return FleetMove.objects.filter(pk=self.pk, lease_token=self.token, state=MoveState.RUNNING)

    def _release(self, **facts: object) -> None:
        with platform_scope(reason="fleet move put back"):
            self._under_way().update(**{"state": MoveState.PENDING, "lease_owner": "", **facts})

    def _leased_anew(self, moves: QuerySet[FleetMove], *, seconds: int) -> Move:
        with platform_scope(reason="fleet lease"), transaction.atomic():
            row = moves.select_for_update().first()
            if row is None:
                raise LeaseLost(f"The move {self.pk} has ended or is somebody else's.")
            token = row.lease_token + 1
            FleetMove.objects.filter(pk=row.pk).update(
                state=MoveState.RUNNING,
                lease_owner=worker_name(),
                lease_token=token,
                leased_until=Now() + timedelta(seconds=seconds),
            )
        return replace(self, token=token)

    def _execute(self, sql: str) -> None:
        with self._registry_scope(), connection.cursor() as cursor:
            prepare_moves()
            try:
                cursor.execute(sql)
            except DataError as error:
                if does_not_hold(error):
                    raise self.lost() from error
                raise

    def _registry_scope(self) -> AbstractContextManager[object]:
        """Where the registry is, as the owner, who stands in the tenant's schema already where both are on one cluster."""
        # The tables are named by schema.
        if self.database == DEFAULT:
            return schema_scope(self.schema, reason="fleet migration")
        return owner_scope(reason="fleet migration", database=DEFAULT)


def prepare_moves() -> None:
    """Prepare on this connection what holds and finishes a move."""
    prepare(_HOLD, _FINISH)


def claim_moves(run_pk: int, *, many: int) -> list[Move]:
    """Take up to `many` tenants of a wave, in their order, at whom nobody was yet; where there is none, one of the others.

    Nobody when the run does not go on, or all that is left is leased or pauses.
    Whoever was at one before may have died of it, so that it is nobody's neighbour: a tenant that kills its worker again
    and again is to be given up alone.
    """
    fresh = _claim(run_pk, many=many, attempts=0) if many > 1 else []
    return fresh or _claim(run_pk, many=1, attempts=_ANY)


def give_back(moves: Sequence[Move]) -> None:
    """Leave to others what was claimed and not begun; that was no try."""
    values = {"ids": [move.pk for move in moves], "tokens": [move.token for move in moves]}
    with platform_scope(reason="fleet moves given back"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, values)


def _claim(run_pk: int, *, many: int, attempts: int) -> list[Move]:
    values: dict[str, int | str] = {"run": run_pk, "owner": worker_name(), "seconds": lease_seconds()}
    values |= {"many": many, "attempts": attempts}
    with platform_scope(reason="claim fleet move"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute(_CLAIM, values)
        rows = sorted(cursor.fetchall())
    return [
        Move(pk, run_pk, tenant_id, schema, plan_pk, wave, token, attempt, database)
        for pk, tenant_id, database, schema, plan_pk, wave, token, attempt in rows
    ]


def isolate(*, tenant_id: UUID, reason: str, sql: str, by: str) -> None:
    """Quarantine a tenant: its maintenance page, and no run over the fleet. In the caller's transaction; may be repeated."""
    was_active = bool(Tenant.objects.filter(pk=tenant_id, status=TenantStatus.ACTIVE).update(status=TenantStatus.MAINTENANCE))
    found, is_new = Quarantine.objects.get_or_create(
        tenant_id=tenant_id, defaults={"was_active": was_active, "reason": reason, "sql": sql, "created_by": by}
    )
    if not is_new:
        facts = {"reason": reason, "sql": sql, "was_active": found.was_active or was_active}
        Quarantine.objects.filter(pk=found.pk).update(**facts)
    transaction.on_commit(host_cache.clear, robust=True)


def keep_closed(tenant_id: UUID) -> bool:
    """Whether the tenant is in quarantine; its pages are then to come back when it leaves that. In a transaction."""
    with platform_scope(reason="in quarantine?"):
        return bool(Quarantine.objects.filter(tenant_id=tenant_id).update(was_active=True))


def forget_failures(*, tenant_id: UUID) -> None:
    """Delete what was noted of a tenant's failures, and its quarantine: for its erasure. In the platform's scope."""
    FleetMove.objects.filter(tenant_id=tenant_id).update(error="", sql="")
    Quarantine.objects.filter(tenant_id=tenant_id).delete()


def _stop_if_too_many(run: FleetRun, wave: int) -> None:
    """One canary that fails is one too many: to learn of that is what canaries are for."""
    limit = 0 if wave == Wave.CANARY else run.failure_limit
    failed = FleetMove.objects.filter(run=run, wave=wave, state=MoveState.FAILED, finished_at__gte=run.resumed_at)
    failures = failed.count()
    if failures > limit:
        words = f"{failures} failed in the wave “{Wave(wave).label}”, where {limit or 'none'} may. Mend the cause, then resume."
        FleetRun.objects.filter(pk=run.pk, state=FleetState.RUNNING).update(state=FleetState.STOPPED, error=words)
