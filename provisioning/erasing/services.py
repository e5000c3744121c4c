"""What can be asked for: that a closed organization is erased now, or that those are whose grace is over."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction
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


def erase_due(*, now: datetime | None = None) -> int:
    """Begin to erase those whose grace is over; how many. May run again, and by several at once: each closing has one run."""
    begun = 0
    for tenant_id in due_for_erasing(now=now):
        try:
            begun += _begin_due(tenant_id)
        except Exception:  # one organization's trouble is not the others'
            log.exception("erasing not begun", tenant=str(tenant_id))
    return begun


def _begin_due(tenant_id: UUID) -> bool:
    with platform_scope(reason="grace is over"), transaction.atomic():
        closed_at = Tenant.objects.values_list("closing_since_at", flat=True).get(pk=tenant_id)
        key = f"erase:{tenant_id.hex}:{closed_at:%Y%m%d%H%M%S}"
        if closed_at is None or Run.objects.filter(idempotency_key=key).exists() or is_being_erased(tenant_id):
            return False
        _begin(tenant_id, key=key, by="grace period")
    return True


def is_being_erased(tenant_id: UUID) -> bool:
    """Whether a run that erases it has begun, and was not taken back. In the platform's scope."""
    return Run.objects.filter(tenant_id=tenant_id, kind=RunKind.ERASE_ORGANIZATION, state__in=_UNFINISHED).exists()


def _begin(tenant_id: UUID, *, key: str, by: str) -> Run:
    # With its row held, nobody opens it, or begins another run, before this one is written down.
    row = Tenant.objects.select_for_update().filter(pk=tenant_id).first()
    if row is None or row.status != TenantStatus.CLOSING or row.closing_since_at is None:
        raise RunNotReady(_("Only a closed organization is erased. Close it first."))
    if is_being_erased(tenant_id):
        raise RunNotReady(_("It is being erased already."))
    run = create_run(
        actor=Actor.system(by),
        request=request_about(tenant_id),
        idempotency_key=key,
        kind=RunKind.ERASE_ORGANIZATION,
        tenant_id=tenant_id,
    )
    transaction.on_commit(partial(ring, run.pk), robust=True)
    return run
