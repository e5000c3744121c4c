"""Going back to a snapshot: restored beside the living organization, compared, put in its place when somebody says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.errors import Invalid
from kernel.ids import new_id
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
from tenants.models import Tenant
from tenants.schemas import drop_schema, schema_exists
from tenants.scope import platform_scope

# For so long what stood there before can be put back.
KEPT_BESIDE: Final = timedelta(days=7)


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
    return _order(actor, request, RunKind.RESTORE_ORGANIZATION, archive.tenant_id)


def newest_snapshot_before(*, tenant_id: UUID, moment: datetime) -> UUID:
    """The snapshot that shows the organization as it was at `moment`, or as shortly before as there is one.

    Raises:
        ArchiveNotFound: there is none from before.
    """
    for archive in snapshots_of(tenant_id):
        if archive.created_at <= moment:
            return archive.public_id
    raise ArchiveNotFound(_("There is no snapshot from before that."))


def swap_restored(*, actor: Actor, run_id: UUID, confirmed_name: str) -> Run:
    """Put what a run restored in the organization's place: maintenance page, change, open again. Undo puts it back for a week.

    Raises:
        PermissionDenied: not for this actor.
        RunNotFound, RunNotReady: it restored nothing, or what it restored is in place already.
        Invalid: the name is not that of the organization; blames `confirmed_name`.
    """
    actor.require("tenants.delete")
    with platform_scope(reason="swap"), transaction.atomic():
        # Locked, so that of two who ask at once one is told no.
        restored = Run.objects.select_for_update().filter(public_id=run_id, kind=RunKind.RESTORE_ORGANIZATION).first()
        if restored is None or restored.tenant_id is None:
            raise RunNotFound(_("There is no such run."))
        if confirmed_name.strip() != restored.request["slug"]:
            raise Invalid(_("Type “%(slug)s” to confirm.") % {"slug": restored.request["slug"]}, field="confirmed_name")
        swaps = Run.objects.filter(kind=RunKind.SWAP_ORGANIZATION, tenant_id=restored.tenant_id)
        is_swapped = swaps.filter(request__restored=run_id.hex).exclude(state=RunState.UNDONE).exists()
        is_busy = swaps.exclude(state__in=(RunState.DONE, RunState.UNDONE)).exists()
        if restored.state != RunState.DONE or is_swapped or is_busy:
            raise RunNotReady(_("What this run restored cannot be put in place now: look at the organization's runs."))
        request = replace(OrganizationRequest.from_json(restored.request), restored=run_id.hex)
        return _order(actor, request, RunKind.SWAP_ORGANIZATION, restored.tenant_id)


def differences_of(run: Run) -> list[Difference]:
    """What a run that restored a snapshot found otherwise than it is; empty while it has not compared yet (one query)."""
    with platform_scope(reason="comparison"):
        result = Step.objects.filter(run_id=run.pk, name="compare").values_list("result", flat=True).first() or {}
    return [Difference.from_json(stored) for stored in result.get("tables", ())]


def drop_replaced(*, now: datetime | None = None) -> int:
    """Drop what was replaced a week ago, or was restored then and never put in place; how many schemas. May run again."""
    moment = (now or clock.now()) - KEPT_BESIDE
    with platform_scope(reason="replaced schemas"):
        over = Step.objects.filter(run__state=RunState.DONE, run__finished_at__lt=moment)
        replaced = set(over.filter(name="swap").values_list("result__from", flat=True))
        beside = set(over.filter(name="side").values_list("result__schema", flat=True))
        # Somebody may be about to swap, or to put back.
        busy = Run.objects.filter(kind=RunKind.SWAP_ORGANIZATION).exclude(state__in=(RunState.DONE, RunState.UNDONE))
        if busy.exists():
            return 0
        living = set(Tenant.objects.values_list("schema_name", flat=True))
    dropped = [schema for schema in sorted((replaced | beside) - living - {None}) if schema_exists(schema)]
    for schema in dropped:
        drop_schema(schema)
    return len(dropped)


def _order(actor: Actor, request: OrganizationRequest, kind: RunKind, tenant_id: UUID) -> Run:
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
