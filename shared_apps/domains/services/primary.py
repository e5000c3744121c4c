"""Which address is the primary one."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel.actor import Actor
from shared_apps.audit.services import record
from shared_apps.domains.errors import DomainNotServed
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.selectors import domain_for
from shared_apps.domains.services.locking import locked_domain, locked_tenant
from shared_apps.domains.types import ClaimState
from tenants.domains import make_host_primary, make_platform_host_primary, platform_host
from tenants.scope import platform_scope


def use_as_primary(*, actor: Actor, tenant_id: UUID, domain_id: UUID) -> CustomDomain:
    """Make a domain the primary address: the others redirect to it, path and query kept. Quiet when it is that already.

    Raises:
        PermissionDenied, DomainNotFound.
        DomainNotServed: it is not live; visitors, and whoever wants to choose another one, would be sent to a warning.
    """
    actor.require("domains.edit")
    found = domain_for(actor=actor, tenant_id=tenant_id, domain_id=domain_id)
    with platform_scope(reason="primary domain"), transaction.atomic():
        domain = locked_domain(found.pk)
        if domain.state != ClaimState.LIVE:
            raise DomainNotServed(_("The domain must be live, with a certificate, before it can be the primary address."))
        CustomDomain.objects.filter(tenant_id=tenant_id, wants_primary=True).exclude(pk=domain.pk).update(wants_primary=False)
        domain.wants_primary = True
        domain.save(update_fields=["wants_primary"])
        if make_host_primary(tenant_id=tenant_id, host=domain.host):
            _note(actor, tenant_id, domain.host)
    return domain


def use_platform_address(*, actor: Actor, tenant_id: UUID) -> str:
    """Make the address below the platform's name the primary one again, and say which it is. Quiet when it is that already.

    Raises:
        PermissionDenied: the actor does not edit domains. NotFound: there is no such organization.
    """
    actor.require("domains.edit")
    with platform_scope(reason="primary domain"), transaction.atomic():
        locked_tenant(tenant_id)
        CustomDomain.objects.filter(tenant_id=tenant_id, wants_primary=True).update(wants_primary=False)
        host = platform_host(tenant_id)
        if make_platform_host_primary(tenant_id=tenant_id):
            _note(actor, tenant_id, host)
    return host


def _note(actor: Actor, tenant_id: UUID, host: str) -> None:
    record(action="domain.primary", actor_label=actor.label, actor_kind=actor.kind, tenant_id=tenant_id, target=host)
