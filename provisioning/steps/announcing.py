"""The last step: the marketplace opens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.events import publish
from provisioning.errors import NotYet
from provisioning.events import OrganizationLive
from provisioning.saga.step import SagaStep, Work
from provisioning.steps.content import ACTOR
from provisioning.types import ANNOUNCE
from tenants.hosts import followed_after
from tenants.models import Tenant
from tenants.registry import activate_tenant, close_tenant
from tenants.scope import tenant_scope
from tenants.types import TenantStatus


class Announce(SagaStep):
    """Puts the organization into service and tells of it: `OrganizationLive`, in the same transaction."""

    name: ClassVar[str] = ANNOUNCE
    label: ClassVar[Promise] = _("Opening your marketplace")

    def check(self, work: Work) -> bool:
        # Its own row's word: a sandbox is treated as its marketplace is, which may have been suspended meanwhile.
        return Tenant.objects.filter(pk=work.require_tenant_id(), status=TenantStatus.ACTIVE).exists()

    def do(self, work: Work) -> Mapping[str, str | int]:
        activate_tenant(actor=ACTOR, tenant_id=work.require_tenant_id())
        with tenant_scope(work.tenant()) as tenant:
            publish(OrganizationLive(tenant_id=tenant.id, name=tenant.name, owner_email=work.request.owner_email))
        return {"address": tenant.base_url}

    def prepare_undo(self, work: Work) -> None:
        """Close, and wait until every process knows: nobody is served while the other steps take things away."""
        tenant = Tenant.objects.filter(pk=work.tenant_id).first() if work.tenant_id is not None else None
        if tenant is None:
            return
        if tenant.status != TenantStatus.CLOSING:
            close_tenant(actor=ACTOR, tenant_id=tenant.pk)
            raise NotYet("Closed; waiting until nobody is served any more.", wait=followed_after())
        left = tenant.updated_at + followed_after() - clock.now()
        if left > timedelta(0):
            raise NotYet("Closed; waiting until nobody is served any more.", wait=left)

    def undo(self, work: Work) -> None:
        """Nothing of its own: it stays closed."""
