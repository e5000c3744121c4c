"""Going back to a snapshot: restored beside the living organization, compared, put in its place when somebody says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.errors import Invalid
from kernel.ids import new_id
from kernel.outbox.reach import in_each_reachable
from provisioning.archives.beside import (
    NAMING_STEPS,
    SIDE,
    hold_registry_row,
    is_being_swapped,
    namings_of,
    not_needed,
    require_same_version,
    require_snapshot,
)
from provisioning.archives.comparing import Difference
from provisioning.archives.services import request_about
from provisioning.doorbell import ring
from provisioning.errors import RunNotFound, RunNotReady
from provisioning.models import Run, Step
from provisioning.services import create_run
from provisioning.types import OrganizationRequest, RunKind, RunState
from shared_apps.archives.errors import ArchiveNotFound
from shared_apps.archives.selectors import archive_by_id, snapshots_of
from shared_apps.archives.types import ArchiveState
from shared_apps.audit.services import record
from tenants.hosts import context_for
from tenants.schemas import drop_schema, existing_schemas
from tenants.scope import platform_scope

log = structlog.get_logger(__name__)


def restore_beside(*, actor: Actor, archive_id: UUID) -> Run:
    """Restore a snapshot into a schema of its own and compare; the living organization goes on and notices nothing.

    Raises:
        PermissionDenied: not for this actor.
        ArchiveNotFound: there is no such snapshot, or it is not finished, or its time is over.
    """
    actor.require("tenants.edit")
    archive = archive_by_id(archive_id)
    if not archive.is_snapshot or archive.state != ArchiveState.READY:
        raise ArchiveNotFound(_("There is no such snapshot (any more)."))
    request = replace(request_about(archive.tenant_id), archive=archive.file_name)
    return order_about(actor, request, RunKind.RESTORE_ORGANIZATION, archive.tenant_id)


def newest_snapshot_before(*, tenant_id: UUID, moment: datetime) -> UUID:
    """The snapshot that shows the organization as it was at `moment`, or as shortly before as there is one.

    Raises:
        ArchiveNotFound: there is none from before.
    """
    for archive in snapshots_of(tenant_id):
        if (archive.taken_at or archive.ready_at or archive.created_at) <= moment:
            return archive.public_id
    raise ArchiveNotFound(_("There is no snapshot from before that."))


def swap_restored(*, actor: Actor, run_id: UUID, confirmed_name: str, reason: str = "") -> Run:
    """Put what a run restored in the organization's place: maintenance page, change, open again. Undo puts it back for a week.

    Nothing is closed before everything that the change needs was seen to be there. `reason` stands in the audit trail.

    Raises:
        PermissionDenied: not for this actor.
        RunNotFound, RunNotReady: it restored nothing, what it restored is in place already or of no use any more, or the
            organization is being swapped.
        Invalid: the name is not that of the organization; blames `confirmed_name`.
    """
    actor.require("tenants.delete")
    _require_sound(run_id)
    with platform_scope(reason="swap"), transaction.atomic():
        restored, tenant_id = _locked_restore(run_id)
        if confirmed_name.strip() != restored.request["slug"]:
            raise Invalid(_("Type “%(slug)s” to confirm.") % {"slug": restored.request["slug"]}, field="confirmed_name")
        # Held, so that of two who ask at once, for whichever snapshot, one is told no.
        hold_registry_row(tenant_id)
        swaps = Run.objects.filter(kind=RunKind.SWAP_ORGANIZATION, request__restored=run_id.hex)
        if restored.state != RunState.DONE or swaps.exclude(state=RunState.UNDONE).exists() or is_being_swapped(tenant_id):
            raise RunNotReady(_("What this run restored cannot be put in place now: look at the organization's runs."))
        request = replace(OrganizationRequest.from_json(restored.request), restored=run_id.hex)
        record(
            action="snapshot.swapped",
            actor_label=actor.label,
            actor_kind=actor.kind,
            tenant_id=tenant_id,
            target=request.slug,
            reason=reason,
        )
        return order_about(actor, request, RunKind.SWAP_ORGANIZATION, tenant_id)


def _locked_restore(run_id: UUID) -> tuple[Run, UUID]:
    """The run, and whom it is about; whoever wants to undo it waits."""
    restored = Run.objects.select_for_update().filter(public_id=run_id, kind=RunKind.RESTORE_ORGANIZATION).first()
    if restored is None or restored.tenant_id is None:
        raise RunNotFound(_("There is no such run."))
    return restored, restored.tenant_id


def _require_sound(run_id: UUID) -> None:
    """Quiet when what the run restored could be put in place now, or there is another reason to refuse it. Asks the store."""
    with platform_scope(reason="look before a swap"):
        restored = Run.objects.filter(public_id=run_id, kind=RunKind.RESTORE_ORGANIZATION, state=RunState.DONE).first()
        side = Step.objects.filter(run=restored, name=SIDE).values_list("result__schema", flat=True).first()
    tenant = context_for(restored.tenant_id) if restored is not None and restored.tenant_id is not None else None
    if restored is not None and tenant is not None:
        require_same_version(tenant, str(side))
        require_snapshot(tenant, restored.request["archive"])


def differences_of(run: Run) -> list[Difference]:
    """What a run that restored a snapshot found otherwise than it is; empty while it has not compared yet (one query)."""
    with platform_scope(reason="comparison"):
        result = Step.objects.filter(run_id=run.pk, name="compare").values_list("result", flat=True).first() or {}
    return [Difference.from_json(stored) for stored in result.get("tables", ())]


def drop_replaced(*, now: datetime | None = None) -> int:
    """Drop the schemas that no run of the last week names, and that nobody lives in; how many. May run again.

    So what was replaced goes a week after the swap, what was put in place a week after it was replaced or put back, and what
    was restored and never used a week after that.
    """
    moment = now or clock.now()
    with platform_scope(reason="replaced schemas"):
        named = Run.objects.filter(steps__name__in=NAMING_STEPS, tenant_id__isnull=False)
        tenant_ids = sorted({tenant_id for tenant_id in named.values_list("tenant_id", flat=True) if tenant_id is not None})
    return sum(in_each_reachable(lambda: sum(_drop_replaced_of(tenant_id, moment) for tenant_id in tenant_ids)))


def _drop_replaced_of(tenant_id: UUID, now: datetime) -> int:
    if not _over(tenant_id, now):
        return 0
    try:
        with transaction.atomic():
            # Behind the lock once more: somebody may be about to swap, or to put back.
            hold_registry_row(tenant_id)
            over = _over(tenant_id, now)
            for schema in sorted(over):
                drop_schema(schema)
    except Exception:  # one organization's trouble is not the others'
        log.exception("replaced schemas not dropped", tenant=str(tenant_id))
        return 0
    return len(over)


def _over(tenant_id: UUID, now: datetime) -> set[str]:
    tenant = context_for(tenant_id)
    living = "" if tenant is None else tenant.schema
    return existing_schemas(not_needed(namings_of(tenant_id), living=living, now=now))


def order_about(actor: Actor, request: OrganizationRequest, kind: RunKind, tenant_id: UUID) -> Run:
    """Write down a run about an organization that is there, and ring for workers after the commit."""
    run_id = new_id()
    with platform_scope(reason="order restore"), transaction.atomic():
        run = create_run(
            actor=Actor.system(actor.label),
            request=request,
            idempotency_key=run_id.hex,
            public_id=run_id,
            kind=kind,
            tenant_id=tenant_id,
        )
        transaction.on_commit(partial(ring, run.pk), robust=True)
    return run
