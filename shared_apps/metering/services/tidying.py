"""Forgets what nobody needs any more of what was counted: numbers of months stay, what they are made of does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from kernel import clock
from kernel.deleting import delete_in_batches
from shared_apps.metering.models import CapRoom, CountedFact, DayUsage, ReportedSlice, UsageAlert
from shared_apps.metering.types import REMEMBERED, SliceState
from tenants.scope import platform_scope
from tenants.traffic.types import KEPT

# A bucket that is deleted cannot be counted again; a day more, since its own deletion comes once a day.
_BUCKETS_REMEMBERED: Final = KEPT + timedelta(days=2)
_MARGIN: Final = timedelta(days=1)


def forget_old_usage(*, now: datetime | None = None) -> int:
    """Delete what is too old; tells how many rows. May be called again, and by several at once.

    A fact is forgotten only when what it tells of is so old that it would not be counted any more.
    """
    now = now or clock.now()
    old = now - REMEMBERED - _MARGIN
    with platform_scope(reason="metering"):
        facts = CountedFact.objects.order_by("occurred_at")
        return sum(
            delete_in_batches(rows)
            for rows in (
                facts.filter(key__startswith="traffic:", occurred_at__lt=now - _BUCKETS_REMEMBERED),
                facts.filter(occurred_at__lt=old),
                DayUsage.objects.filter(day_on__lt=old.date()),
                CapRoom.objects.filter(month_on__lt=old.date()),
                UsageAlert.objects.filter(month_on__lt=old.date()),
                ReportedSlice.objects.filter(settled_at__lt=old).exclude(state=SliceState.WAITING),
            )
        )
