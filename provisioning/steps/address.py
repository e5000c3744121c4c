"""Where the marketplace is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provisioning.saga.step import SagaStep, Work
from provisioning.steps.content import ACTOR
from shared_apps.domains.services import release_all
from tenants.models import Domain
from tenants.registry import add_domain
from tenants.types import DomainState


def host_for(slug: str) -> str:
    """The platform's own host name for a slug."""
    return f"{slug}.{settings.PLATFORM_DOMAIN}"


class PointDomain(SagaStep):
    """Points `<slug>.<platform>` at the tenant. It answers with a maintenance page until the organization is live."""

    name: ClassVar[str] = "domain"
    label: ClassVar[Promise] = _("Opening your web address")

    def check(self, work: Work) -> bool:
        return Domain.objects.filter(tenant_id=work.require_tenant_id(), host=host_for(work.request.slug)).exists()

    def do(self, work: Work) -> Mapping[str, str | int]:
        domain = add_domain(
            tenant_id=work.require_tenant_id(),
            host=host_for(work.request.slug),
            state=DomainState.LIVE,
            is_primary=True,
        )
        return {"host": domain.host}

    def undo(self, work: Work) -> None:
        if work.tenant_id is not None:
            # Those that it brought along are given up by their own rules, or their claims would outlive the registry's rows.
            release_all(actor=ACTOR, tenant_id=work.tenant_id)
            Domain.objects.filter(tenant_id=work.tenant_id).delete()
