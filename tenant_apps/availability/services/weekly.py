"""Replacing a provider's week as a whole."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from kernel.actor import Actor
from tenant_apps.availability.models import WeeklyWindow
from tenant_apps.availability.permissions import require_hours_of
from tenant_apps.availability.rules import check_weekly_hours
from tenant_apps.availability.selectors import get_weekly_hours
from tenant_apps.availability.services.holding import holding_hours_of
from tenant_apps.availability.types import EditableProvider, HoursChange


def set_weekly_hours(
    *,
    actor: Actor,
    provider: EditableProvider,
    windows: Iterable[tuple[int, int, int]],
) -> HoursChange:
    """Replace all of a provider's weekly windows by these (weekday from 0 for Monday, starts_minute, ends_minute).

    All or nothing; existing bookings stay as they are. Setting the same again changes nothing. Set `before` of the
    answer to undo. Raises PermissionDenied, or InvalidHours with the `row` to blame. Holds the provider's hours,
    and raises Busy where somebody else does so for 3 seconds.
    """
    require_hours_of(actor, provider)
    after = check_weekly_hours(windows)
    with transaction.atomic(), holding_hours_of(provider.pk):
        before = tuple(get_weekly_hours(provider=provider))
        if before != after:
            WeeklyWindow.objects.filter(provider_id=provider.pk).delete()
            WeeklyWindow.objects.bulk_create(
                WeeklyWindow(
                    provider_id=provider.pk,
                    weekday=row.weekday,
                    starts_minute=row.starts_minute,
                    ends_minute=row.ends_minute,
                )
                for row in after
            )
    return HoursChange(before, after)
