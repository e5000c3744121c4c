"""The day as it is where somebody works."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kernel.clock import now as clock_now
from kernel.intervals import Interval
from tenant_apps.providers.types import ProviderCard
from tenants.scope import current_tenant


def zone_of(own: ProviderCard | None) -> str:
    """In whose time pages speak: a provider's own, else the organization's."""
    return own.time_zone if own else current_tenant().time_zone


def local_date(zone: str, now: datetime | None = None) -> date:
    """Today's date on the calendar of `zone`."""
    return (now or clock_now()).astimezone(ZoneInfo(zone)).date()


def day_in(zone: str, now: datetime | None = None) -> Interval:
    """Today in `zone`, from midnight to midnight: 23 to 25 hours long."""
    return days_in(zone, local_date(zone, now), 1)


def days_in(zone: str, first_on: date, count: int) -> Interval:
    """So many local days from `first_on` on."""
    place = ZoneInfo(zone)
    start = datetime.combine(first_on, time(), place)
    return Interval(start, datetime.combine(first_on + timedelta(days=count), time(), place))
