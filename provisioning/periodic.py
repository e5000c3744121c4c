"""Runs what is to be done again and again, one process at a time, whatever breaks in between.

The table of jobs is `config.schedule.JOBS` (setting `PERIODIC_JOBS`). The sweeper runs it every two seconds in its own
process, so a killed worker's run is taken over within seconds even when Celery and Redis are gone; Celery's beat sends
the same tasks where one runs it. Each job decides by claims in the database, so a second time changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from kernel.outbox.shards import ROUNDS_QUEUE
from tenants.context import TenantContext
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.session_locks import trying_apart
from tenants.tasks import are_workers_behind
from tenants.types import TenantStatus

log = structlog.get_logger(__name__)

_LOCK = "sweeper"


@dataclass(frozen=True, slots=True)
class PeriodicJob:
    """`task` is the path of a Celery task. With `in_each_tenant` it is sent to the workers once for every active tenant."""

    task: str
    every: timedelta
    in_each_tenant: bool = False


def configured_jobs() -> Sequence[PeriodicJob]:
    """The table in the setting `PERIODIC_JOBS`."""
    jobs: Sequence[PeriodicJob] = import_string(settings.PERIODIC_JOBS)
    return jobs


class Sweeper:
    """Remembers when each job ran last, in this process."""

    def __init__(self, jobs: Sequence[PeriodicJob]) -> None:
        self._jobs = jobs
        self._ran: dict[PeriodicJob, float] = {}

    def sweep(self) -> list[PeriodicJob]:
        """Run the jobs that are due, unless another process is just doing so; those that ran without an error."""
        with trying_apart(_LOCK) as held:
            return [job for job in self._due() if _run(job)] if held else []

    def _due(self) -> list[PeriodicJob]:
        moment = time.monotonic()
        due = [job for job in self._jobs if moment - self._ran.get(job, float("-inf")) >= job.every.total_seconds()]
        self._ran |= dict.fromkeys(due, moment)
        return due


def _run(job: PeriodicJob) -> bool:
    try:
        task = import_string(job.task)
        if job.in_each_tenant:
            _send_to_each_tenant(task, job.every)
        else:
            with platform_scope(reason=f"periodic: {job.task}"):
                task.run()
    except Exception:  # one job's trouble is not the others'
        log.exception("periodic job failed", task=job.task)
        close_old_connections()
        return False
    return True


def _send_to_each_tenant(task: Any, every: timedelta) -> None:  # Any: a Celery task, untyped
    try:
        if are_workers_behind(ROUNDS_QUEUE):
            log.warning("workers away, periodic job not sent", task=task.name)
            return
        for tenant in _active_tenants():
            with tenant_scope(tenant):
                # The next round sends it anew, so that an older one need not be run.
                task.apply_async(expires=every.total_seconds(), queue=ROUNDS_QUEUE)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("broker away, periodic job not sent", task=task.name, error=str(error))


def _active_tenants() -> list[TenantContext]:
    with platform_scope(reason="tenants for periodic jobs"):
        active = Tenant.objects.filter(status=TenantStatus.ACTIVE, writes_paused_at=None).prefetch_related("domains")
        return [tenant.as_context() for tenant in active.iterator(chunk_size=500)]
