"""Alpha as if it had been copied from beta: what a sandbox is follows from the registry alone."""

from __future__ import annotations

from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope
from tests.factories.tenants import ALPHA_ID, BETA_ID


def alpha_as_sandbox() -> TenantContext:
    """In a transaction that is rolled back."""
    with platform_scope(reason="test"):
        Tenant.objects.filter(pk=ALPHA_ID).update(sandbox_of_id=BETA_ID)
    sandbox = context_for(ALPHA_ID)
    assert sandbox is not None
    return sandbox
