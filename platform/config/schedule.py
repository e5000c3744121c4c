"""What is done again and again, by the sweeper and, where one runs, by Celery's beat.

The sweeper alone suffices (ADR 0007). Beat sends what concerns the platform's scope; what is done in each tenant is the
sweeper's, which knows the tenants. What must be done exactly once a day is a job (config.jobs).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from celery.beat import PersistentScheduler
from django.conf import settings

from provisioning.periodic import PeriodicJob
from tenants.scope import platform_scope

JOBS: Final = (
    PeriodicJob("provisioning.tasks.sweep_runs", timedelta(seconds=2)),
    PeriodicJob("kernel.outbox.tasks.sweep_outbox", timedelta(seconds=2)),
    PeriodicJob("provisioning.tasks.sweep_fleet", timedelta(seconds=2)),
    PeriodicJob("provisioning.tasks.fill_pool", timedelta(seconds=5)),
    PeriodicJob("shared_apps.billing.tasks.sweep_commands", timedelta(seconds=30)),
    PeriodicJob("shared_apps.domains.tasks.sweep_domains", timedelta(seconds=5)),
    # What is done in each marketplace at an hour of its own clock (config.jobs.SCHEDULES).
    PeriodicJob("provisioning.tasks.enqueue_scheduled", timedelta(minutes=1)),
    # A round that is missed is made good by the next, a minute later: no job, and no row, for each tenant and minute.
    PeriodicJob("tenant_apps.bookings.tasks.sweep_bookings", timedelta(minutes=1), in_each_tenant=True),
    PeriodicJob("shared_apps.billing.tasks.pass_time", timedelta(seconds=settings.BILLING_ROUND_SECONDS)),
    PeriodicJob("tenants.tasks.bring_strays_home", timedelta(minutes=1)),
    PeriodicJob("shared_apps.metering.tasks.count_metered_traffic", timedelta(minutes=1)),
    PeriodicJob("provisioning.tasks.gather_health", timedelta(minutes=5)),
    PeriodicJob("shared_apps.metering.tasks.begin_reporting", timedelta(minutes=10)),
    # Asked for more often than it is due, so that a new installation's first round comes soon: each ten minutes have one.
    PeriodicJob("shared_apps.webhook_inbox.tasks.begin_reconciling", timedelta(minutes=1)),
    PeriodicJob("provisioning.tasks.tidy_pool", timedelta(minutes=10)),
    PeriodicJob("provisioning.tasks.undo_abandoned", timedelta(minutes=10)),
    PeriodicJob("provisioning.tasks.erase_closed", timedelta(minutes=10)),
    PeriodicJob("provisioning.tasks.delete_late_files", timedelta(hours=1)),
    PeriodicJob("shared_apps.entry.tasks.forget_codes", timedelta(hours=1)),
    PeriodicJob("shared_apps.plans.tasks.begin_syncing", timedelta(hours=1)),
    PeriodicJob("shared_apps.metering.tasks.count_late_traffic", timedelta(hours=1)),
    PeriodicJob("shared_apps.domains.tasks.tidy_domains", timedelta(hours=1)),
    PeriodicJob("provisioning.tasks.tidy_imports", timedelta(hours=1)),
    PeriodicJob("provisioning.tasks.tidy_isolation", timedelta(hours=1)),
    PeriodicJob("shared_apps.archives.tasks.delete_expired_archives", timedelta(hours=1)),
    PeriodicJob("provisioning.tasks.drop_replaced_schemas", timedelta(days=1)),
    PeriodicJob("kernel.outbox.tasks.purge_outbox", timedelta(days=1)),
    PeriodicJob("tenants.tasks.forget_old_traffic", timedelta(days=1)),
    PeriodicJob("shared_apps.metering.tasks.begin_comparing", timedelta(days=1)),
    PeriodicJob("shared_apps.metering.tasks.forget_usage", timedelta(days=1)),
    PeriodicJob("shared_apps.webhook_inbox.tasks.forget_old_webhooks", timedelta(days=1)),
    PeriodicJob("kernel.idempotency.tasks.purge_keys", timedelta(days=1)),
    PeriodicJob("shared_apps.accounts.tasks.forget_sessions", timedelta(days=1)),
)


class PlatformScheduler(PersistentScheduler):  # type: ignore[misc]  # Celery is untyped
    """Beat's own scheduler, sending in the platform's scope: a task without one would be refused."""

    def setup_schedule(self) -> None:
        # Before the parent looks: it forgets when it last sent what the configuration does not name, so that a beat that is
        # started again more often than once a day would never send what is due once a day.
        self.app.conf.beat_schedule = {
            job.task: {"task": _name(job), "schedule": job.every} for job in JOBS if not job.in_each_tenant
        }
        super().setup_schedule()

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:  # Any: Celery's own signature
        with platform_scope(reason="beat"):
            return super().apply_async(*args, **kwargs)


def _name(job: PeriodicJob) -> str:
    from django.utils.module_loading import import_string

    return str(import_string(job.task).name)
