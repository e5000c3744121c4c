"""Looks into organizations' own schemas, a few at a time: mail, use of the plan, files, and their size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Count, Q, prefetch_related_objects

from kernel.errors import DomainError
from provisioning.health.gathering import sizes_of
from provisioning.health.types import Looked, Use
from shared_apps.plans.types import STORAGE_MEGABYTES
from tenant_apps.backoffice.selectors.plan import uses_of_plan
from tenant_apps.notifications.models import SentMail
from tenants.context import TenantContext
from tenants.errors import MissingRole, MissingSchema
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope

_DAY: Final = timedelta(days=1)
# A mail server that is away for a while is no news; later, people miss their letters.
_STUCK_AFTER: Final = timedelta(hours=1)
_STUCK_SINCE: Final = timedelta(days=7)

# What is broken of theirs. A boundary that is missing is a mistake of ours, and must not look like it.
_BROKEN: Final = (DatabaseError, DomainError, MissingSchema, MissingRole)

log = structlog.get_logger(__name__)


def look_into(tenants: Sequence[Tenant], *, now: datetime) -> Mapping[UUID, Looked]:
    """What is seen in each of `tenants` (a query for the sizes on each cluster, and six for each of them). From any scope."""
    sizes = sizes_of(tenants)
    with platform_scope(reason="health"):
        prefetch_related_objects(tenants, "domains")
        contexts = [tenant.as_context() for tenant in tenants]
    return {context.id: _look(context, sizes.get(context.schema), now) for context in contexts}


def _look(tenant: TenantContext, size: int | None, now: datetime) -> Looked:
    """One organization whose schema is broken must not hide the others; that it is, is what has to be seen.

    Whoever has no size has no tables, or its cluster is away: fifty that each wait for that would hold up the round.
    """
    if size is None:
        return Looked(is_readable=False)
    try:
        with tenant_scope(tenant), transaction.atomic():
            uses = [Use(use.code, use.used, use.limit) for use in uses_of_plan(now=now)]
            mails = _mails(now)
    except _BROKEN as error:
        log.warning("health_look_failed", tenant=str(tenant.id), error=type(error).__name__)
        return Looked(bytes=size, is_readable=False)
    stored = next((use.used for use in uses if use.code == STORAGE_MEGABYTES.code), None)
    return Looked(bytes=size, file_bytes=stored, uses=tuple(uses), **mails)


def _mails(now: datetime) -> dict[str, Any]:  # Any: fields of Looked
    undone = Q(sent_at__isnull=True, refused_at__isnull=True, claimed_at__lte=now - _STUCK_AFTER)
    return SentMail.objects.filter(created_at__gt=now - _STUCK_SINCE).aggregate(
        mails=Count("pk", filter=Q(created_at__gt=now - _DAY)),
        mails_refused=Count("pk", filter=Q(refused_at__gt=now - _DAY)),
        mails_stuck=Count("pk", filter=undone),
    )
