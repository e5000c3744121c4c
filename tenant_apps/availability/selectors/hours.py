"""The hours as they were set, for the pages that edit them."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Max, Min

from tenant_apps.availability.models import Blackout, DateException, WeeklyWindow
from tenant_apps.availability.types import BookableProvider, HoursOfZone, WeeklyHours
from tenant_apps.providers.types import ProviderStatus


def get_weekly_hours(*, provider: BookableProvider) -> list[WeeklyHours]:
    """A provider's weekly windows, from Monday morning on."""
    rows = WeeklyWindow.objects.filter(provider_id=provider.pk)
    return [WeeklyHours(row.weekday, row.starts_minute, row.ends_minute) for row in rows]


def get_provider_ids_with_hours() -> frozenset[int]:
    """The providers, by primary key, who have any weekly hours at all."""
    return frozenset(WeeklyWindow.objects.order_by().values_list("provider_id", flat=True).distinct())


def get_settled_provider_ids() -> frozenset[int]:
    """The providers, by primary key, of whom any hours are written on their clock: weekly ones, or those of a date."""
    return get_provider_ids_with_hours() | frozenset(DateException.objects.order_by().values_list("provider_id", flat=True))


def get_hours_by_zone() -> list[HoursOfZone]:
    """Between which minutes of their clock the listed providers work in a week, told by zone (one query)."""
    listed = WeeklyWindow.objects.filter(provider__status=ProviderStatus.LIVE).order_by()
    spans = listed.values_list("provider__time_zone").annotate(Min("starts_minute"), Max("ends_minute"))
    return [HoursOfZone(*span) for span in spans]


def get_exceptions(*, provider: BookableProvider, from_on: date) -> list[DateException]:
    """A provider's dated exceptions from a local date on, in order of time."""
    return list(DateException.objects.filter(provider_id=provider.pk, on_date__gte=from_on))


def get_blackouts(*, from_at: datetime) -> list[Blackout]:
    """The organization's blackouts that end after an instant, in order of time."""
    return list(Blackout.objects.filter(ends_at__gt=from_at))
