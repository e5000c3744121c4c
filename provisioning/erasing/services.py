"""What can be asked for: that a closed organization is erased now, or that those are whose grace is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.errors import Invalid
from kernel.ids import new_id
from provisioning.archives.services import request_about
from provisioning.doorbell import ring
from provisioning.errors import RunNotReady
from provisioning.models import Run
from provisioning.services import create_run
from provisioning.types import ACTIVE_RUNS, RunKind, RunState
from shared_apps.audit.services import record
from tenants.closing import due_for_erasing
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.types import TenantStatus

log = structlog.get_logger(__name__)

ERASE: Final = "tenants.erase"
_UNFINISHED: Final = (*ACTIVE_RUNS, RunState.FAILED, RunState.UNDO_FAILED)


def order_erasure(*, actor: Actor, tenant_id: UUID, confirmed_name: str, reason: str = "") -> Run:
    """Erase a closed organization now, before its grace is over. `confirmed_name` is its address, typed by the operator.

    Raises:
        PermissionDenied: the actor may not, though they may close.
        RunNotReady: it is not closed, or being erased already.
        Invalid: another name was typed; blames `confirmed_name`.
    """
    actor.require(ERASE)
    request = request_about(tenant_id)
    if confirmed_name.strip() != request.slug:
        raise Invalid(_("Type “%(slug)s” to confirm.") % {"slug": request.slug}, field="confirmed_name")
    with platform_scope(reason="order erasure"), transaction.atomic():
        run = _begin(tenant_id, key=new_id().hex, by=actor.label)
        record(
            action="tenant.erasure_ordered",
            actor_label=actor.label,
            actor_kind=actor.kind,
            tenant_id=tenant_id,
            target=request.slug,
            reason=reason,
        )
    return run


def erase_due(*, now: datetime | None = None, at_most: int = 20) -> int:
    """Begin to erase those whose grace is over; how many. May run again, and by several at once: each closing has one run.

    One whose run stopped, or was taken back, waits for a person, and keeps none of the others.
    """
    begun = 0
    due = due_for_erasing(now=now)
    for key, tenant_id in islice(_not_begun(due).items(), at_most):
        try:
            begun += _begin_due(tenant_id, key, due[tenant_id])
        except Exception:  # one organization's trouble is not the others'
            log.exception("erasing not begun", tenant=str(tenant_id))
    return begun


def _not_begun(due: Mapping[UUID, datetime]) -> dict[str, UUID]:
    """Those for whose closing no run was ever begun, and for which none is under way: after the key of theirs (one query)."""
    keys = {tenant_id: f"erase:{tenant_id.hex}:{closed_at:%Y%m%d%H%M%S}" for tenant_id, closed_at in due.items()}
    with platform_scope(reason="erasing begun"):
        runs = Run.objects.filter(kind=RunKind.ERASE_ORGANIZATION, tenant_id__in=keys)
        begun = runs.filter(Q(idempotency_key__in=keys.values()) | Q(state__in=_UNFINISHED))
        known = set(begun.values_list("tenant_id", flat=True))
    return {key: tenant_id for tenant_id, key in keys.items() if tenant_id not in known}


def _begin_due(tenant_id: UUID, key: str, closed_at: datetime) -> bool:
    with platform_scope(reason="grace is over"), transaction.atomic():
        if is_being_erased(tenant_id):
            return False
        _begin(tenant_id, key=key, by="grace period", closed_at=closed_at)
    return True


def is_being_erased(tenant_id: UUID) -> bool:
    """Whether a run that erases it has begun, and was not taken back. In the platform's scope."""
    return Run.objects.filter(tenant_id=tenant_id, kind=RunKind.ERASE_ORGANIZATION, state__in=_UNFINISHED).exists()


def _begin(tenant_id: UUID, *, key: str, by: str, closed_at: datetime | None = None) -> Run:
    # With its row held, nobody opens it, or begins another run, before this one is written down.
    row = Tenant.objects.select_for_update().filter(pk=tenant_id).first()
    if row is None or row.status != TenantStatus.CLOSING or row.closing_since_at is None:
        raise RunNotReady(_("Only a closed organization is erased. Close it first."))
    if closed_at not in {None, row.closing_since_at}:
        raise RunNotReady(_("It was opened again, and closed anew: that grace is not over."))
    if is_being_erased(tenant_id):
        raise RunNotReady(_("It is being erased already."))
    run = create_run(
        actor=Actor.system(by),
        # A later closing has a grace of its own, which this run must not cut short.
        request=replace(request_about(tenant_id), closed_at=row.closing_since_at.isoformat()),
        idempotency_key=key,
        kind=RunKind.ERASE_ORGANIZATION,
        tenant_id=tenant_id,
    )
    transaction.on_commit(partial(ring, run.pk), robust=True)
    return run
