"""Enqueues in each marketplace what is due there by its own clock: each date's job once, whoever looks how often (F38)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from django.db import transaction

from kernel import clock, wiring
from kernel.jobs import enqueue
from kernel.outbox.models import OutboxMessage
from kernel.outbox.reach import away_clusters, in_each_reachable
from kernel.schedules import Daily, latest_occurrence
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.types import TenantStatus

log = structlog.get_logger(__name__)

# After an outage everybody is due at once; the sweeper has other things to do, too, and comes again in a minute.
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Due:
    """One job that one tenant should have by now, on the cluster where it lives."""

    tenant_id: UUID
    database: str
    schedule: Daily
    key: str


def configured_schedules() -> Sequence[Daily]:
    """The table in the setting `JOB_SCHEDULES`."""
    schedules: Sequence[Daily] = wiring.job_schedules()
    return schedules


def enqueue_due(*, now: datetime | None = None, limit: int = _AT_ONCE) -> int:
    """Enqueue what is due and not there yet; tells how many. May run any number of times at once: the key decides.

    Two queries when nothing is due, however many tenants there are. Who lives on a cluster that is away comes later.
    """
    moment = now or clock.now()
    with platform_scope(reason="due schedules"):
        due = list(_due(configured_schedules(), moment))
        keys = {one.key for one in due}
        there = set[tuple[UUID | None, str]]().union(*in_each_reachable(partial(_keys_there, keys)))
    away = away_clusters()
    missing = [one for one in due if one.database not in away and (one.tenant_id, one.key) not in there][:limit]
    return sum(_enqueued(one) for one in missing)


def _keys_there(keys: Collection[str]) -> set[tuple[UUID | None, str]]:
    with wiring.enter_books(reason="due schedules"):
        return set(OutboxMessage.objects.filter(key__in=keys).values_list("tenant_id", "key"))


def _due(schedules: Sequence[Daily], now: datetime) -> Iterator[Due]:
    active = Tenant.objects.filter(status=TenantStatus.ACTIVE, writes_paused_at=None).order_by("pk")
    for tenant_id, database, zone, created_at in active.values_list("pk", "database", "time_zone", "created_at"):
        for schedule in schedules:
            latest = latest_occurrence(schedule, tenant_id=tenant_id, zone=zone, now=now)
            if latest.due_at >= created_at:
                yield Due(tenant_id, database, schedule, latest.key_of(schedule))


def _enqueued(due: Due) -> bool:
    tenant = context_for(due.tenant_id)
    if tenant is None:
        return False
    try:
        with tenant_scope(tenant), transaction.atomic():
            enqueue(due.schedule.job, key=due.key)
    except Exception:  # one tenant's trouble is not the others'
        log.exception("schedule not enqueued", tenant=str(due.tenant_id), schedule=due.schedule.name)
        return False
    return True
