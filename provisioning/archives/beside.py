"""The schemas that an organization has besides its living one: who still needs which, and until when (ADR 0013).

A schema is *beside* from its restore, *living* from a swap, *replaced* from the next one; the undo of a swap makes what it
had replaced the living one, and puts the other beside again. Which of these a schema is follows from the registry's row and
from the runs that name it, so nothing else is written down. Whoever decides by it holds the registry's row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from kernel.locking import lock_rows, lock_timeout
from provisioning.errors import RunNotReady
from provisioning.models import Run, Step
from provisioning.schemas.catalog import read_catalog
from provisioning.schemas.template import ensure_template
from provisioning.types import ACTIVE_RUNS, RunKind, RunState
from tenants.clusters import on_cluster
from tenants.context import TenantContext
from tenants.models import Tenant
from tenants.schemas import code_schema_version, schema_exists
from tenants.scope import platform_scope, tenant_scope

SIDE: Final = "side"
SWAP: Final = "swap"
# A move to another cluster made one there, and left one behind.
ELSEWHERE: Final = "elsewhere"
NAMING_STEPS: Final = (SIDE, SWAP, ELSEWHERE)
# For so long after it was last of use, and what stood there before a swap can be put back.
_EXCHANGES: Final = (RunKind.SWAP_ORGANIZATION, RunKind.MOVE_ORGANIZATION)
KEPT_BESIDE: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Naming:
    """A run that names a schema: it restored into it, put it in place, put another in its place, or moved from or to it."""

    schema: str
    kind: RunKind
    state: RunState
    finished_at: datetime | None

    def is_recent(self, now: datetime) -> bool:
        """Whether the run is under way, or ended less than a week ago."""
        return self.state in ACTIVE_RUNS or self.finished_at is None or self.finished_at > now - KEPT_BESIDE

    def is_promise(self, now: datetime) -> bool:
        """Whether the run is a swap that can be undone, or gone on with, and needs the schema for that."""
        return self.kind is RunKind.SWAP_ORGANIZATION and self.state is not RunState.UNDONE and self.is_recent(now)


def hold_registry_row(tenant_id: UUID) -> Tenant | None:
    """The organization's row, kept from all others who decide about its schemas until the transaction ends; None: it is gone.

    Taken after a run's row, where both are.

    Raises:
        Busy: somebody has held it for too long.
    """
    with platform_scope(reason="hold registry row"), lock_timeout():
        return next(iter(lock_rows(Tenant.objects.filter(pk=tenant_id))), None)


def namings_of(tenant_id: UUID) -> list[Naming]:
    """Every schema that a run of the organization ever named, once for each such run (two queries)."""
    with platform_scope(reason="schemas beside"):
        steps = Step.objects.filter(run__tenant_id=tenant_id, name__in=NAMING_STEPS).select_related("run").order_by("pk")
        found = list(steps)
    sides = {step.run.public_id.hex: step.result.get("schema") for step in found if step.name == SIDE}
    return [
        Naming(schema, RunKind(step.run.kind), RunState(step.run.state), step.run.finished_at)
        for step in found
        for schema in _named_by(step, sides)
        if schema
    ]


def _named_by(step: Step, sides: dict[str, str | None]) -> set[str | None]:
    if step.name in {SIDE, ELSEWHERE}:
        return {step.result.get("schema"), step.result.get("from")}
    # One that has not come so far yet is going to put in place what its run restored.
    return {step.result.get("from"), step.result.get("to"), sides.get(str(step.run.request.get("restored")))}


def promised(namings: Iterable[Naming], *, now: datetime) -> set[str]:
    """The schemas that a swap still needs."""
    return {naming.schema for naming in namings if naming.is_promise(now)}


def not_needed(namings: Iterable[Naming], *, living: str, now: datetime) -> list[str]:
    """The schemas that no recent run names and that are not the living one, in order."""
    named = list(namings)
    return sorted({naming.schema for naming in named} - {naming.schema for naming in named if naming.is_recent(now)} - {living})


def restored_schema(run_hex: str) -> str:
    """The schema that a run restored into; empty where there is none."""
    with platform_scope(reason="schema beside"):
        steps = Step.objects.filter(run__public_id=UUID(hex=run_hex), name=SIDE)
        return str(steps.values_list("result__schema", flat=True).first() or "")


def is_being_swapped(tenant_id: UUID, *, besides: int = 0) -> bool:
    """Whether a worker is, or soon will be, at a swap or move of the organization, either way; but for the run `besides`."""
    with platform_scope(reason="swaps under way"):
        swaps = Run.objects.filter(kind__in=_EXCHANGES, tenant_id=tenant_id, state__in=ACTIVE_RUNS)
        return swaps.exclude(pk=besides).exists()


def require_same_version(tenant: TenantContext, schema: str) -> None:
    """Quiet when `schema` could be the organization's now.

    Raises:
        RunNotReady: it is gone, or not of the version that the registry says, or that is not this code's.
    """
    with on_cluster(tenant.database):
        is_there = schema_exists(schema)
        is_ours = is_there and tenant.schema_version == code_schema_version()
        is_alike = is_ours and read_catalog(schema).fingerprint == ensure_template().fingerprint
    if not is_there:
        raise RunNotReady(_("The data that were to take the place are gone: their week is over."))
    if not is_alike:
        raise RunNotReady(_("The data that were to take the place are of another version than the organization by now."))


def require_snapshot(tenant: TenantContext, file_name: str) -> None:
    """Quiet when the snapshot that was restored lies in the store still; its files may be needed. Asks the store.

    Raises:
        RunNotReady: it is gone.
    """
    with tenant_scope(tenant):
        is_there = default_storage.exists(file_name)
    if not is_there:
        raise RunNotReady(_("The snapshot is gone: its two weeks are over. Restore another one."))
