"""Taking single records from what a run restored: the order, and what its steps ask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.actor import Actor
from provisioning.archives.beside import require_same_version, restored_schema
from provisioning.archives.picks import Picks, Sides, plan_for
from provisioning.archives.restoring import order_about
from provisioning.errors import RunNotFound, RunNotReady
from provisioning.models import Run
from provisioning.types import OrganizationRequest, RunKind, RunState
from shared_apps.archives.models import Archive
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import platform_scope


@dataclass(frozen=True)
class Restored:
    """What a run restored, and the organization that it stands beside."""

    run: Run
    tenant: TenantContext
    sides: Sides


def restored_beside(*, actor: Actor, run_id: UUID) -> Restored:
    """What a finished run restored, while single records can be taken from it.

    Raises:
        PermissionDenied: not for this actor.
        RunNotFound: it is no run that restores, or its organization is gone.
        RunNotReady: it is not finished, its week is over, it is in place, or of another version by now.
    """
    actor.require("tenants.edit")
    with platform_scope(reason="restored beside"):
        run = Run.objects.filter(public_id=run_id, kind=RunKind.RESTORE_ORGANIZATION).first()
    tenant = context_for(run.tenant_id) if run is not None and run.tenant_id is not None else None
    if run is None or tenant is None:
        raise RunNotFound(_("There is no such run."))
    if run.state != RunState.DONE:
        raise RunNotReady(_("The snapshot is not restored yet, or not any more."))
    schema = restored_schema(run_id.hex)
    if schema == tenant.schema:
        raise RunNotReady(_("What was restored is in place by now."))
    require_same_version(tenant, schema)
    return Restored(run, tenant, Sides(tenant.schema, schema, tenant.database))


def order_records(*, actor: Actor, run_id: UUID, picks: Picks) -> Run:
    """Bring these records back from what a run restored, each with what belongs to it; what is there meanwhile is kept a week.

    Raises:
        PermissionDenied, RunNotFound, RunNotReady: as `restored_beside`.
        NeedsOthers: they need something that is gone as well. RecordRefused: one of them is not there to be taken.
    """
    beside = restored_beside(actor=actor, run_id=run_id)
    plan_for(picks, beside.sides)
    asked = OrganizationRequest.from_json(beside.run.request)
    request = replace(asked, restored=run_id.hex, records=picks.as_text())
    return order_about(actor, request, RunKind.TAKE_RECORDS, beside.tenant.id)


def taken_at_of(run: Run) -> datetime | None:
    """Of which moment the snapshot is that a run restored; None where nobody knows it any more (one query)."""
    name = PurePosixPath(str(run.request["archive"])).stem
    with platform_scope(reason="moment of a snapshot"):
        return Archive.objects.filter(public_id=UUID(hex=name)).values_list("taken_at", flat=True).first()
