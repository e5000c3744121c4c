"""What organizations used, month by month. Who counts it is above this app, and named by a setting (PLAN_USAGE)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from shared_apps.plans.types import UsageByMonth


def usage_by_month(tenant_ids: Collection[UUID], months: Sequence[date]) -> Mapping[UUID, UsageByMonth]:
    """What each of these organizations used in each of `months`, which are told by their first day.

    In units of the registry's entitlements. What nobody counts, or counted then, is left out: of a month, a code; of the
    organizations, those of whom nothing is known. From any scope.
    """
    source: Callable[[Collection[UUID], Sequence[date]], Mapping[UUID, UsageByMonth]] = import_string(settings.PLAN_USAGE)
    return source(tenant_ids, months)


def last_months(today: date, count: int = 3) -> list[date]:
    """The first days of the last `count` whole months before the one that `today` is in, the oldest first."""
    months, first = [], today.replace(day=1)
    for _number in range(count):
        first = (first - timedelta(days=1)).replace(day=1)
        months.append(first)
    return months[::-1]
