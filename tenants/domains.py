"""The registry's part of brought domains: which host is answered for, by whom, and which is the primary one."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction

from kernel.db import insert_or_none
from tenants.hosts import host_cache
from tenants.models import Domain, Tenant
from tenants.types import DomainState


def hold_host(*, tenant_id: UUID, host: str) -> bool:
    """Let `host` be answered for this tenant; False when it is another one's. In the caller's transaction and scope.

    Of two who ask at the same moment the unique constraint lets one in; the other waits for it and then hears no.
    """
    is_new = insert_or_none(Domain(tenant_id=tenant_id, host=host, state=DomainState.VERIFIED)) is not None
    if not is_new and not Domain.objects.filter(tenant_id=tenant_id, host=host).exists():
        return False
    transaction.on_commit(host_cache.clear, robust=True)
    return True


def mark_host(*, tenant_id: UUID, host: str, state: DomainState) -> None:
    """Note whether a certificate holds there."""
    if Domain.objects.filter(tenant_id=tenant_id, host=host).exclude(state=state).update(state=state):
        transaction.on_commit(host_cache.clear, robust=True)


def let_go_of_host(*, tenant_id: UUID, host: str) -> None:
    """Answer for `host` no more, from the next second on; the address on the platform becomes primary if it was."""
    rows = Domain.objects.filter(tenant_id=tenant_id, host=host).exclude(host=platform_host(tenant_id))
    if rows.filter(is_primary=True).exists():
        make_platform_host_primary(tenant_id=tenant_id)
    rows.delete()
    transaction.on_commit(host_cache.clear, robust=True)


def make_host_primary(*, tenant_id: UUID, host: str) -> bool:
    """Make a host that is answered for the primary one, to which the others redirect; False when it is that already."""
    # The tenant's row orders those who choose at the same moment: of two updates, one would meet the other's choice.
    Tenant.objects.select_for_update().get(pk=tenant_id)
    rows = Domain.objects.filter(tenant_id=tenant_id)
    if rows.filter(host=host, is_primary=True).exists():
        return False
    rows.filter(is_primary=True).update(is_primary=False)
    rows.filter(host=host).update(is_primary=True)
    transaction.on_commit(host_cache.clear, robust=True)
    return True


def make_platform_host_primary(*, tenant_id: UUID) -> bool:
    """Make the address below the platform's name the primary one; False when it is that already."""
    return make_host_primary(tenant_id=tenant_id, host=platform_host(tenant_id))


def platform_host(tenant_id: UUID) -> str:
    """The address that every organization has and keeps."""
    slug = Tenant.objects.values_list("slug", flat=True).get(pk=tenant_id)
    return f"{slug}.{settings.PLATFORM_DOMAIN}"
