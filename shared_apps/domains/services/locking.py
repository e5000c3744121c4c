"""The rows that acts on domains lock: the organization's before its domains'."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import NotFound
from shared_apps.domains.models import CustomDomain
from tenants.models import Tenant


def locked_tenant(tenant_id: UUID) -> Tenant:
    """The organization; whoever counts or chooses among its domains waits for the others who do.

    Raises:
        NotFound: there is none.
    """
    tenant = Tenant.objects.select_for_update().filter(pk=tenant_id).first()
    if tenant is None:
        raise NotFound(_("This organization does not exist."))
    return tenant


def locked_domain(domain_pk: int) -> CustomDomain:
    """The domain as it is now; the organization is locked before it, since moving it may choose another primary address."""
    tenant_id = CustomDomain.objects.values_list("tenant_id", flat=True).get(pk=domain_pk)
    locked_tenant(tenant_id)
    return CustomDomain.objects.select_for_update().get(pk=domain_pk)
