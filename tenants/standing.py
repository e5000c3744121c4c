"""How tenants stand with the outbox: how many workers each may have at once, whose work waits, and who is gone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from kernel.outbox.standing import Standing
from tenants.clusters import current_cluster
from tenants.limits import jobs_at_once
from tenants.models import Tenant
from tenants.schemas import is_supported
from tenants.scope import platform_scope
from tenants.tasks import WORKED_FOR
from tenants.types import TenantStatus, served_status

_WAITS = Standing(at_once=0)
_GONE = Standing(at_once=0, is_gone=True)


def standings_of(tenant_ids: Sequence[UUID]) -> Mapping[UUID, Standing]:
    """The standing of each, fresh from the registry (one query): what is suspended gets no worker from now on."""
    columns = ("pk", "database", "writes_paused_at", "status", "sandbox_of__status", "plan_code", "schema_version")
    with platform_scope(reason="standings"):
        rows = list(Tenant.objects.filter(pk__in=tenant_ids).values_list(*columns, "schema_base"))
    # A cluster's outbox may hold what was carried there before the tenant lives there, and what came late before it left.
    here = current_cluster()
    found = {pk: _WAITS if database != here or paused else _standing(*facts) for pk, database, paused, *facts in rows}
    return {tenant_id: found.get(tenant_id, _GONE) for tenant_id in tenant_ids}


def _standing(own_status: str, status_of_source: str | None, plan: str, version: str, base: str) -> Standing:
    status = served_status(own_status, status_of_source=status_of_source)
    if status == TenantStatus.ERASED:
        return _GONE
    if status not in WORKED_FOR or not is_supported(version, base=base):
        return _WAITS
    return Standing(at_once=jobs_at_once(plan))
