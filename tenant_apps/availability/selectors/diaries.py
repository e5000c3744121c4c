"""Loads what the slot engine needs for a few providers, in one query and one call per source of busy times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import connection

from tenant_apps.availability.rules import build_schedule
from tenant_apps.availability.selectors.busy import busy_between
from tenant_apps.availability.types import (
    BookableProvider,
    DatedWindow,
    Diary,
    ExceptionKind,
    Stretch,
    date_of,
    moment_of,
)

_WEEKLY, _BLACKOUT = "weekly", "blackout"

# One statement, whose text never changes, in place of three that the ORM would build anew each time. Integers come out,
# so that no datetime is made. A blackout is widened to whole seconds.
_HOURS: Final = """
SELECT 'weekly', provider_id, weekday::integer, starts_minute::bigint, ends_minute::bigint
FROM availability_weeklywindow
WHERE provider_id = ANY(%(providers)s)
UNION ALL
SELECT kind, provider_id, on_date - DATE '1970-01-01', starts_minute, ends_minute
FROM availability_dateexception
WHERE provider_id = ANY(%(providers)s) AND on_date BETWEEN %(first_on)s AND %(last_on)s
UNION ALL
SELECT 'blackout', NULL, NULL, floor(extract(epoch FROM starts_at))::bigint, ceil(extract(epoch FROM ends_at))::bigint
FROM availability_blackout
WHERE starts_at < %(ends_at)s AND ends_at > %(starts_at)s
"""


@dataclass(slots=True)
class _Hours:
    weekly: dict[int, list[tuple[int, int, int]]] = field(default_factory=lambda: defaultdict(list))
    exceptions: dict[int, list[DatedWindow]] = field(default_factory=lambda: defaultdict(list))
    blackouts: list[Stretch] = field(default_factory=list)


def load_diaries(
    providers: Iterable[BookableProvider],
    *,
    shown: Stretch,
    reach: Stretch,
    now: datetime,
    ignoring: frozenset[UUID],
) -> dict[int, Diary]:
    """The diary of each provider, by pk: hours for the instants `shown`, busy times for the wider `reach`."""
    zones = {provider.pk: provider.time_zone for provider in providers}
    hours = _load_hours(list(zones), moment_of(shown[0]), moment_of(shown[1]))
    busy = busy_between(
        provider_ids=list(zones), starts_at=moment_of(reach[0]), ends_at=moment_of(reach[1]), now=now, ignoring=ignoring
    )
    return {
        pk: Diary(build_schedule(zone, hours.weekly[pk], hours.exceptions[pk]), busy.get(pk, ()), hours.blackouts)
        for pk, zone in zones.items()
    }


def _load_hours(provider_ids: Sequence[int], starts_at: datetime, ends_at: datetime) -> _Hours:
    # The local date of an instant is at most a day from its date in UTC.
    dates = {"first_on": starts_at.date() - timedelta(days=1), "last_on": ends_at.date() + timedelta(days=1)}
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, {"providers": list(provider_ids), "starts_at": starts_at, "ends_at": ends_at, **dates})
        rows = cursor.fetchall()
    hours = _Hours()
    for kind, provider_id, day, starts, ends in rows:
        if kind == _WEEKLY:
            hours.weekly[provider_id].append((day, starts, ends))
        elif kind == _BLACKOUT:
            hours.blackouts.append((starts, ends))
        else:
            hours.exceptions[provider_id].append(DatedWindow(date_of(day), ExceptionKind(kind), starts, ends))
    return hours
