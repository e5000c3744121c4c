"""How an organization's status changes while it stands: a conditional UPDATE, whose row count says who was first."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.errors import NotFound
from tenants.errors import WrongState
from tenants.hosts import host_cache
from tenants.live import part_sockets
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.types import TenantStatus


def move_status(
    actor: Actor,
    tenant_id: UUID,
    expected: tuple[TenantStatus, ...],
    status: TenantStatus,
    *,
    needs: str,
) -> None:
    """Change the status if it is one of `expected`, in one statement, so that two operators cannot both win."""
    actor.require(needs)
    with platform_scope(reason=f"tenant becomes {status}"), transaction.atomic():
        rows = Tenant.objects.filter(pk=tenant_id)
        if rows.filter(status__in=expected).update(status=status, updated_at=clock.now()):
            let_know(tenant_id)
            return
        found = rows.values_list("status", flat=True).first()
    if found is None:
        raise NotFound(_("This organization does not exist."))
    raise refusal(found, status)


def let_know(tenant_id: UUID) -> None:
    """Once it is committed, all processes hear that an organization stands otherwise, and its sockets part."""
    transaction.on_commit(host_cache.clear, robust=True)
    for follower in with_sandbox(tenant_id):
        transaction.on_commit(partial(part_sockets, follower), robust=True)


def refusal(found: str, wanted: TenantStatus) -> WrongState:
    """What is said to who wants it to become `wanted` where that does not follow."""
    if found == wanted:
        return WrongState(_("Nothing to do: this organization is “%(status)s” already.") % {"status": wanted.label})
    return WrongState(
        _("This organization is “%(status)s”; that cannot be changed to “%(wanted)s”.")
        % {"status": TenantStatus(found).label, "wanted": wanted.label}
    )


def with_sandbox(tenant_id: UUID) -> list[UUID]:
    """An organization and its sandbox, which follows it out of service and back (one query)."""
    return list(Tenant.objects.filter(Q(pk=tenant_id) | Q(sandbox_of_id=tenant_id)).values_list("pk", flat=True))
