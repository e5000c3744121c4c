"""When what is done once a day in each tenant is due: at an hour of its own clock, spread over that hour by a hash. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from kernel.jobs import Job

_HOUR_SECONDS: Final = 3600
_DAY: Final = timedelta(days=1)
# Today's, yesterday's, and the day before's where a zone has left one out of its calendar.
_DATES_BACK: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """`job` once on each date of the tenant's calendar, within the `hour` that its clock shows (0 to 23)."""

    job: Job
    hour: int

    @property
    def name(self) -> str:
        """What the schedule is called, in keys and lists."""
        return self.job.event_type


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that a schedule is due: the local date it counts for, and the instant."""

    on_date: date
    due_at: datetime

    def key_of(self, schedule: Daily) -> str:
        """With it the job exists once, however many sweepers and beats ask for it."""
        return f"schedule:{schedule.name}:{self.on_date.isoformat()}"


def latest_occurrence(schedule: Daily, *, tenant_id: UUID, zone: str, now: datetime) -> Occurrence:
    """The last one up to `now`: after an outage the missed ones before it are not made up for.

    A time that the clock leaves out in spring is as much later; one that it shows twice in autumn counts the first time.
    """
    place = ZoneInfo(zone)
    today = now.astimezone(place).date()
    for back in range(_DATES_BACK):
        on_date = today - back * _DAY
        due_at = _instant(schedule, tenant_id=tenant_id, place=place, on_date=on_date)
        if due_at <= now:
            return Occurrence(on_date, due_at)
    raise AssertionError(f"no day of {zone} before {now} has an hour {schedule.hour}")


def next_occurrence(schedule: Daily, *, tenant_id: UUID, zone: str, now: datetime) -> Occurrence:
    """The first one after `now`."""
    place = ZoneInfo(zone)
    today = now.astimezone(place).date()
    ahead = (today + days * _DAY for days in range(_DATES_BACK))
    coming = ((on_date, _instant(schedule, tenant_id=tenant_id, place=place, on_date=on_date)) for on_date in ahead)
    return Occurrence(*next((on_date, due_at) for on_date, due_at in coming if due_at > now))


def _instant(schedule: Daily, *, tenant_id: UUID, place: ZoneInfo, on_date: date) -> datetime:
    wall = datetime.combine(on_date, time(schedule.hour)) + timedelta(seconds=_offset_seconds(schedule, tenant_id))
    return wall.replace(tzinfo=place, fold=0).astimezone(UTC)


def _offset_seconds(schedule: Daily, tenant_id: UUID) -> int:
    """The same every day, another for each tenant and schedule: a thousand tenants do not begin together."""
    digest = hashlib.blake2b(f"{schedule.name}:{tenant_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % _HOUR_SECONDS
