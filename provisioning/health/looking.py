"""Looks into organizations' own schemas, a few at a time: mail, use of the plan, files, and their size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.db import DatabaseError, transaction
from django.db.models import Count, Q, prefetch_related_objects
from django.db.models.functions import TruncMonth

from kernel.errors import DomainError
from provisioning.health.gathering import sizes_of
from provisioning.health.types import Looked, Use, UsedInMonth
from shared_apps.plans.selectors import last_months
from shared_apps.plans.types import STORAGE_MEGABYTES
from tenant_apps.backoffice.selectors.plan import uses_of_plan
from tenant_apps.bookings.services import booked_by_month
from tenant_apps.notifications.models import SentMail
from tenants.context import TenantContext
from tenants.errors import MissingRole, MissingSchema
from tenants.models import Tenant
from tenants.scope import current_tenant, platform_scope, tenant_scope

_DAY: Final = timedelta(days=1)
# A mail server that is away for a while is no news; later, people miss their letters.
_STUCK_AFTER: Final = timedelta(hours=1)
_STUCK_SINCE: Final = timedelta(days=7)

# What is broken of theirs. A boundary that is missing is a mistake of ours, and must not look like it.
_BROKEN: Final = (DatabaseError, DomainError, MissingSchema, MissingRole)

log = structlog.get_logger(__name__)


def look_into(tenants: Sequence[Tenant], *, now: datetime) -> Mapping[UUID, Looked]:
    """What is seen in each of `tenants` (a query for the sizes on each cluster, and eight for each of them). From any scope."""
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
            months = _months(now)
    except _BROKEN as error:
        log.warning("health_look_failed", tenant=str(tenant.id), error=type(error).__name__)
        return Looked(bytes=size, is_readable=False)
    stored = next((use.used for use in uses if use.code == STORAGE_MEGABYTES.code), None)
    return Looked(bytes=size, file_bytes=stored, uses=tuple(uses), months=months, **mails)


def _mails(now: datetime) -> dict[str, Any]:  # Any: fields of Looked
    undone = Q(sent_at__isnull=True, refused_at__isnull=True, claimed_at__lte=now - _STUCK_AFTER)
    return SentMail.objects.filter(created_at__gt=now - _STUCK_SINCE).aggregate(
        mails=Count("pk", filter=Q(created_at__gt=now - _DAY)),
        mails_refused=Count("pk", filter=Q(refused_at__gt=now - _DAY)),
        mails_stuck=Count("pk", filter=undone),
    )


def _months(now: datetime) -> tuple[UsedInMonth, ...]:
    """The three whole months before this one, and what there is of this one."""
    zone = ZoneInfo(current_tenant().time_zone)
    today = now.astimezone(zone).date()
    months = [*last_months(today), today.replace(day=1)]
    began_at = datetime.combine(months[0], time.min, tzinfo=zone)
    booked = booked_by_month(since=months[0], now=now)
    sent = SentMail.objects.filter(sent_at__gte=began_at).order_by()
    mails = dict(sent.annotate(month=TruncMonth("sent_at", tzinfo=zone)).values_list("month").annotate(count=Count("pk")))
    mailed = {month.date(): count for month, count in mails.items()}
    return tuple(UsedInMonth(month.isoformat(), booked.get(month, 0), mailed.get(month, 0)) for month in months)
