"""What the sweeper does about the catalogue again and again (config.schedule); the next round makes good a missed one."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from kernel import clock
from kernel.jobs import enqueue
from shared_apps.plans.jobs import SyncCatalogue
from shared_apps.plans.services.shelf import is_sold_by_stripe


@shared_task(name="plans.begin_syncing")  # type: ignore[untyped-decorator]  # Celery is untyped
def begin_syncing() -> None:
    """Have a worker compare the catalogue with Stripe's and put that right, once an hour. May run twice.

    Publishing orders it at once; this is for what was there before the key was, for what somebody changes at Stripe by hand,
    and for a sync that has failed.
    """
    if is_sold_by_stripe():
        with transaction.atomic():
            enqueue(SyncCatalogue(), key=f"plans-synced:{clock.now():%Y%m%d%H}")
