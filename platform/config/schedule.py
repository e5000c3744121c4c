"""What is done again and again, by the sweeper and, where one runs, by Celery's beat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from celery.beat import PersistentScheduler

from provisioning.periodic import Job
from tenants.scope import platform_scope

JOBS: Final = (
    Job("provisioning.tasks.sweep_runs", timedelta(seconds=2)),
    Job("kernel.outbox.tasks.sweep_outbox", timedelta(seconds=2)),
    Job("provisioning.tasks.fill_pool", timedelta(seconds=5)),
    Job("shared_apps.domains.tasks.sweep_domains", timedelta(seconds=5)),
    Job("tenant_apps.bookings.tasks.sweep_bookings", timedelta(minutes=1), in_each_tenant=True),
    Job("provisioning.tasks.tidy_pool", timedelta(minutes=10)),
    Job("kernel.outbox.tasks.purge_outbox", timedelta(days=1)),
)


class PlatformScheduler(PersistentScheduler):  # type: ignore[misc]  # Celery is untyped
    """Beat's own scheduler, sending in the platform's scope: a task without one would be refused."""

    def setup_schedule(self) -> None:
        super().setup_schedule()
        self.update_from_dict({job.task: {"task": _name(job), "schedule": job.every} for job in JOBS if not job.in_each_tenant})

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:  # Any: Celery's own signature
        with platform_scope(reason="beat"):
            return super().apply_async(*args, **kwargs)


def _name(job: Job) -> str:
    from django.utils.module_loading import import_string

    return str(import_string(job.task).name)
