"""The last step: the marketplace opens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel.events import publish
from provisioning.events import OrganizationLive
from provisioning.saga.step import SagaStep, Work
from provisioning.steps.content import ACTOR
from provisioning.types import ANNOUNCE
from tenants.registry import activate_tenant, close_tenant
from tenants.scope import tenant_scope
from tenants.types import TenantStatus


class Announce(SagaStep):
    """Puts the organization into service and tells of it: `OrganizationLive`, in the same transaction."""

    name: ClassVar[str] = ANNOUNCE
    label: ClassVar[Promise] = _("Opening your marketplace")

    def check(self, work: Work) -> bool:
        return work.tenant().status == TenantStatus.ACTIVE

    def do(self, work: Work) -> Mapping[str, str | int]:
        activate_tenant(actor=ACTOR, tenant_id=work.require_tenant_id())
        with tenant_scope(work.tenant()) as tenant:
            publish(OrganizationLive(tenant_id=tenant.id, name=tenant.name, owner_email=work.request.owner_email))
        return {"address": tenant.base_url}

    def undo(self, work: Work) -> None:
        """From here on nobody is served, while the other steps take the rest away."""
        if work.tenant_id is not None:
            close_tenant(actor=ACTOR, tenant_id=work.tenant_id)
