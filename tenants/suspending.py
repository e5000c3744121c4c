"""Who holds an organization out of service: each on its own word, and back once nobody does.

A row's holders are read and written under its lock. While it is closed they are kept without a visible effect, so that it is
opened again as it should stand then, and not as it stood when it was closed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.errors import NotFound
from kernel.locking import lock_rows
from kernel.outbox.upkeep import wake
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.statuses import let_know, refusal, with_sandbox
from tenants.types import SuspendedBy, TenantStatus

_HELD: Final = (TenantStatus.SUSPENDED, TenantStatus.CLOSING)
_HOLDABLE: Final = (*_HELD, TenantStatus.ACTIVE, TenantStatus.MAINTENANCE)


def suspend_tenant(*, actor: Actor, tenant_id: UUID, by: SuspendedBy = SuspendedBy.OPERATOR) -> None:
    """Take an organization out of service, and its sandbox with it, on the word of `by`, whoever else has; its data stay.

    Raises:
        PermissionDenied, NotFound.
        WrongState: it is suspended by `by` already, is not made yet, or is gone.
    """
    actor.require("tenants.suspend")
    with platform_scope(reason="suspend tenant"), transaction.atomic():
        row = _locked(tenant_id)
        held = holders_of(row)
        if row.status not in _HOLDABLE or by in held:
            raise refusal(row.status, TenantStatus.SUSPENDED)
        _write(row, held | {by}, row.status if row.status == TenantStatus.CLOSING else TenantStatus.SUSPENDED)


def resume_tenant(*, actor: Actor, tenant_id: UUID, by: SuspendedBy = SuspendedBy.OPERATOR) -> None:
    """Take the word of `by` back. With the last one it is in service again; in quarantine, on its maintenance page.

    Maintenance is left by what brought it about: the release from a quarantine, or a retry that succeeds. What waited in
    the outbox goes on.

    Raises:
        PermissionDenied, NotFound.
        WrongState: `by` does not hold it out of service.
    """
    actor.require("tenants.suspend")
    with platform_scope(reason="resume tenant"), transaction.atomic():
        row = _locked(tenant_id)
        held = holders_of(row)
        # Whom nobody is named for was suspended by code that knew no names: anybody may.
        if by not in held and (held or row.status != TenantStatus.SUSPENDED):
            raise refusal(row.status, TenantStatus.ACTIVE)
        left = held - {by}
        _write(row, left, row.status if left or row.status == TenantStatus.CLOSING else status_in_service(tenant_id))
        for follower in with_sandbox(tenant_id):
            # Without it the messages come by themselves, up to an hour later.
            transaction.on_commit(partial(wake, tenant_id=follower), robust=True)


def holders_of(tenant: Tenant) -> frozenset[str]:
    """On whose words an organization is suspended, or will be once it is opened again."""
    return frozenset(tenant.suspended_by) if tenant.status in _HELD else frozenset()


def status_in_service(tenant_id: UUID) -> TenantStatus:
    """What an organization becomes that nobody holds: active, or in maintenance while it is in quarantine."""
    keep_closed: Callable[[UUID], bool] = import_string(settings.TENANT_QUARANTINE)
    return TenantStatus.MAINTENANCE if keep_closed(tenant_id) else TenantStatus.ACTIVE


def _locked(tenant_id: UUID) -> Tenant:
    rows = lock_rows(Tenant.objects.filter(pk=tenant_id))
    if not rows:
        raise NotFound(_("This organization does not exist."))
    return rows[0]


def _write(row: Tenant, held: frozenset[str], status: str) -> None:
    Tenant.objects.filter(pk=row.pk).update(
        status=status,
        suspended_by=sorted(held),
        keeps_bookings=held == {SuspendedBy.BILLING},
        updated_at=clock.now(),
    )
    let_know(row.pk)
