"""What can be asked for: that an organization moves to another cluster (ADR 0015)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.errors import Invalid
from kernel.ids import new_id
from provisioning.archives.beside import hold_registry_row, is_being_swapped
from provisioning.archives.services import request_about
from provisioning.doorbell import ring
from provisioning.errors import RunNotReady
from provisioning.models import Run
from provisioning.services import create_run
from provisioning.types import RunKind
from shared_apps.audit.services import record
from tenants.clusters import clusters
from tenants.scope import platform_scope
from tenants.types import TenantStatus

MOVABLE: Final = (TenantStatus.ACTIVE, TenantStatus.SUSPENDED)


def order_move(*, actor: Actor, tenant_id: UUID, cluster: str, reason: str = "") -> Run:
    """Have an organization live on `cluster`; its host answers all the time, and for moments nothing can be changed.

    `reason` stands in the audit trail.

    Raises:
        PermissionDenied: not for this actor.
        Invalid: there is no such cluster, or it lives there; blames `cluster`.
        RunNotReady: it is gone, being swapped or being moved, or not in service.
    """
    actor.require("tenants.delete")
    if cluster not in clusters():
        raise Invalid(_("There is no cluster “%(name)s”.") % {"name": cluster}, field="cluster")
    request, run_id = replace(request_about(tenant_id), cluster=cluster), new_id()
    with platform_scope(reason="order move"), transaction.atomic():
        # Held, so that of two who ask at once one is told no.
        row = hold_registry_row(tenant_id)
        if row is not None and row.database == cluster:
            raise Invalid(_("The organization lives there already."), field="cluster")
        if row is None or row.status not in MOVABLE or is_being_swapped(tenant_id):
            raise RunNotReady(_("The organization cannot be moved now: look at its runs and its state."))
        record(
            action="tenant.move_ordered",
            actor_label=actor.label,
            actor_kind=actor.kind,
            tenant_id=tenant_id,
            target=row.slug,
            reason=reason,
            data={"from": row.database, "to": cluster},
        )
        run = create_run(
            actor=Actor.system(actor.label),
            request=request,
            idempotency_key=run_id.hex,
            public_id=run_id,
            kind=RunKind.MOVE_ORGANIZATION,
            tenant_id=tenant_id,
        )
        transaction.on_commit(partial(ring, run.pk), robust=True)
    return run
