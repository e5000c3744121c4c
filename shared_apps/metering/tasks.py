"""What the sweeper does about use again and again (config.schedule); a round that is missed is made good by the next."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from kernel import clock
from kernel.jobs import enqueue
from shared_apps.billing.selectors import charged_customers
from shared_apps.metering.jobs import CompareUsage, ReportUsage
from shared_apps.metering.services import (
    LONG_BACK,
    count_traffic,
    forget_old_usage,
    tell_of_quotas,
)


@shared_task(name="metering.count_traffic")  # type: ignore[untyped-decorator]  # Celery is untyped
def count_metered_traffic() -> None:
    """Count what buckets of traffic have gained, and tell owners whose quotas are used up. May run twice."""
    count_traffic()
    tell_of_quotas()


@shared_task(name="metering.count_late_traffic")  # type: ignore[untyped-decorator]  # as above
def count_late_traffic() -> None:
    """Count what processes wrote late into buckets of the last hours. May run twice."""
    count_traffic(back=LONG_BACK)


@shared_task(name="metering.begin_reporting")  # type: ignore[untyped-decorator]  # as above
def begin_reporting() -> None:
    """Have a worker tell Stripe what is new: one at a time, and none while nobody is charged. May run twice."""
    if charged_customers():
        with transaction.atomic():
            enqueue(ReportUsage(), key=f"usage:{clock.now():%Y%m%d%H%M}"[:-1])


@shared_task(name="metering.begin_comparing")  # type: ignore[untyped-decorator]  # as above
def begin_comparing() -> None:
    """Have a worker compare Stripe's sums with ours, once a day. May run twice."""
    if charged_customers():
        with transaction.atomic():
            enqueue(CompareUsage(), key=f"usage-compared:{clock.now():%Y%m%d}")


@shared_task(name="metering.forget")  # type: ignore[untyped-decorator]  # as above
def forget_usage() -> None:
    """Delete what is too old. May run twice."""
    forget_old_usage()
