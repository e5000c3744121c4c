"""The fleet as the board and the command line show it, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Min, Q, Value
from django.utils.functional import Promise

from kernel.ids import format_public_id
from provisioning.fleet.services import FLEET_PREFIX
from provisioning.models import FleetMove, FleetPlan, FleetRun, Quarantine
from provisioning.types import ENDED_FLEETS, FleetState, MoveState, Wave
from tenants.models import Tenant
from tenants.schemas import code_schema_version, is_supported
from tenants.scope import platform_scope
from tenants.types import TenantStatus

SHOWN_FAILURES: Final = 50
_IN_SECONDS: Final = 120
_SHOWN_REASONS: Final = 5


@dataclass(frozen=True, slots=True)
class VersionLine:
    """How many organizations stand at a version."""

    version: str
    count: int
    is_own: bool
    is_served: bool


@dataclass(frozen=True, slots=True)
class WaveLine:
    """How far one wave is."""

    label: str | Promise
    total: int
    done: int
    failed: int
    running: int

    @property
    def waiting(self) -> int:
        return self.total - self.done - self.failed - self.running

    @property
    def ended(self) -> int:
        return self.done + self.failed


@dataclass(frozen=True, slots=True)
class FailureLine:
    """A tenant in quarantine, and why. `can_retry`: a run of this code's version failed at it."""

    tenant_id: UUID
    slug: str
    name: str
    reason: str
    sql: str
    by: str
    can_retry: bool


@dataclass(frozen=True, slots=True)
class FleetPicture:
    """A run over the fleet. `rate` is tenants per second since it was begun or resumed; `seconds_left` None when nobody can
    tell. Of those who wait, `retrying` are tried again in seconds and `held_up` in minutes, for what stands in `held_up_by`.
    """

    run: FleetRun
    waves: Sequence[WaveLine]
    slow_reasons: Sequence[str]
    rate: float | None
    seconds_left: float | None
    retrying: int
    held_up: int
    held_up_by: Sequence[str]

    @property
    def id_text(self) -> str:
        """The id that people and addresses carry."""
        return format_public_id(FLEET_PREFIX, self.run.public_id)

    @property
    def is_running(self) -> bool:
        return self.run.state == FleetState.RUNNING

    @property
    def is_waiting_for_person(self) -> bool:
        return self.run.state in {FleetState.PAUSED, FleetState.STOPPED}

    @property
    def is_of_this_code(self) -> bool:
        return self.run.target == code_schema_version()

    @property
    def is_ended(self) -> bool:
        return self.run.state in ENDED_FLEETS

    @property
    def minutes_left(self) -> int:
        """Whole minutes, for a wait that nobody counts in seconds; else 0."""
        return 0 if self.seconds_left is None or self.seconds_left < _IN_SECONDS else round(self.seconds_left / 60)

    @property
    def total(self) -> int:
        return sum(wave.total for wave in self.waves)

    @property
    def done(self) -> int:
        return sum(wave.done for wave in self.waves)

    @property
    def failed(self) -> int:
        return sum(wave.failed for wave in self.waves)


def fleet_versions() -> list[VersionLine]:
    """The versions in the registry, most organizations first (one query)."""
    own = code_schema_version()
    with platform_scope(reason="fleet versions"):
        rows = Tenant.objects.exclude(status=TenantStatus.ERASED).values("schema_version").annotate(
            count=Count("pk"), for_us=Count("pk", filter=Q(schema_base=own))
        )  # fmt: skip
        return [
            VersionLine(
                row["schema_version"],
                row["count"],
                is_own=row["schema_version"] == own,
                is_served=is_supported(row["schema_version"]) or row["for_us"] == row["count"],
            )
            for row in rows.order_by("-count", "schema_version")
        ]


def latest_fleet_run() -> FleetPicture | None:
    """The newest run (four queries)."""
    with platform_scope(reason="read fleet run"):
        run = FleetRun.objects.order_by("-pk").first()
        return None if run is None else _picture(run)


def failures() -> list[FailureLine]:
    """The quarantined tenants, the newest first (three queries)."""
    with platform_scope(reason="read quarantine"):
        kept = list(Quarantine.objects.order_by("-pk")[:SHOWN_FAILURES])
        ids = [row.tenant_id for row in kept]
        tenants = {row.pk: row for row in Tenant.objects.filter(pk__in=ids).only("slug", "name")}
        latest = FleetMove.objects.filter(tenant_id__in=ids).order_by("tenant_id", "-pk").distinct("tenant_id")
        retriable = {move.tenant_id for move in latest.select_related("run") if _can_retry(move)}
    return [_failure(row, tenants, retriable) for row in kept if row.tenant_id in tenants]


def count_quarantined() -> int:
    """How many tenants are in quarantine, of whom `failures` tells the newest."""
    with platform_scope(reason="count quarantine"):
        return Quarantine.objects.count()


def quarantine_of(tenant_id: UUID) -> Quarantine | None:
    """Why the tenant is kept closed, if it is (one query)."""
    with platform_scope(reason="why in quarantine"):
        return Quarantine.objects.filter(tenant_id=tenant_id).first()


def quarantined_among(slugs: Collection[str]) -> frozenset[str]:
    """Those of these tenants that are in quarantine now (one query)."""
    with platform_scope(reason="who of them is in quarantine"):
        shut = Tenant.objects.filter(slug__in=slugs, pk__in=Quarantine.objects.values("tenant_id"))
        return frozenset(shut.values_list("slug", flat=True))


def _can_retry(move: FleetMove) -> bool:
    """As `retry_tenant` has it: of the latest run that took the tenant along, if it is of this code and waits for nobody."""
    waits = move.run.state in {FleetState.PAUSED, FleetState.STOPPED, FleetState.ABANDONED}
    return move.state == MoveState.FAILED and move.run.target == code_schema_version() and not waits


def _failure(row: Quarantine, tenants: Mapping[UUID, Tenant], retriable: set[UUID]) -> FailureLine:
    tenant = tenants[row.tenant_id]
    can_retry = row.tenant_id in retriable
    return FailureLine(row.tenant_id, tenant.slug, tenant.name, row.reason, row.sql, row.created_by, can_retry)


def _picture(run: FleetRun) -> FleetPicture:
    moves = FleetMove.objects.filter(run=run)
    counted = moves.values("wave").annotate(
        total=Count("pk"),
        done=Count("pk", filter=Q(state=MoveState.DONE)),
        failed=Count("pk", filter=Q(state=MoveState.FAILED)),
        running=Count("pk", filter=Q(state=MoveState.RUNNING)),
    )
    waves = [
        WaveLine(Wave(row["wave"]).label, row["total"], row["done"], row["failed"], row["running"])
        for row in counted.order_by("wave")
    ]
    held_up = Q(state=MoveState.HELD_UP)
    # A pause is no work: after one, only what ended since tells how fast it goes.
    since = Q(finished_at__gte=run.resumed_at)
    times = moves.aggregate(
        first=Min("started_at", filter=since),
        last=Max("finished_at", filter=since),
        ended=Count("finished_at", filter=since),
        retrying=Count("pk", filter=Q(state=MoveState.PENDING, attempt__gt=0)),
        held_up=Count("pk", filter=held_up),
        held_up_by=ArrayAgg("error", filter=held_up, distinct=True, default=Value([])),
    )
    rate = _rate(times["ended"], times["last"] - times["first"]) if times["ended"] else None
    left = sum(wave.waiting + wave.running for wave in waves)
    stages = [stage for plan in FleetPlan.objects.filter(run=run) for stage in plan.stages]
    reasons = list(dict.fromkeys(reason for stage in stages for reason in stage["reasons"]))
    seconds_left = left / rate if rate and run.state == FleetState.RUNNING else None
    held_up_by = times["held_up_by"][:_SHOWN_REASONS]
    return FleetPicture(run, waves, reasons, rate, seconds_left, times["retrying"], times["held_up"], held_up_by)


def _rate(ended: int, span: timedelta) -> float | None:
    return ended / span.total_seconds() if span > timedelta(0) else None
