"""What bookings take of providers' time, for the slot search (registered in apps.py)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from tenant_apps.availability.types import Busy, BusyKind
from tenant_apps.bookings.models import LONGEST
from tenant_apps.bookings.types import BookingStatus

# Raw, since its text never changes and it returns integers: building the query and thousands of datetimes would cost more
# than the search itself. What has taken place stays in, for it counts towards the limits of its day.
# The lower bound on the start is what lets the index on (provider, start) be read for the asked range only.
_BUSY: Final = """
SELECT provider_id,
       extract(epoch FROM starts_at)::bigint,
       extract(epoch FROM ends_at)::bigint,
       extract(epoch FROM starts_at - lower(before_and_time))::integer,
       extract(epoch FROM upper(time_and_after) - ends_at)::integer,
       status,
       service_id
FROM bookings_booking
WHERE provider_id = ANY(%(providers)s)
  AND starts_at > %(starts_at)s - %(longest)s
  AND starts_at < %(ends_at)s
  AND ends_at > %(starts_at)s
  AND (status IN ('pending', 'confirmed', 'completed', 'no_show') OR (status = 'held' AND due_at > %(now)s))
  AND public_id <> ALL(%(ignoring)s)
"""


def busy_ranges(
    *,
    provider_ids: Sequence[int],
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    ignoring: frozenset[UUID],
) -> list[tuple[int, Busy]]:
    """The bookings and live holds of these providers that share an instant with the range, with their buffers.

    The range must be wider than what is asked about by the longest buffer (availability's `busy_reach` makes it so).
    """
    values: dict[str, Any] = {  # Any: lists and timedeltas, which psycopg takes and Django's stubs do not know
        "providers": list(provider_ids),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "now": now,
        "longest": LONGEST,
        "ignoring": list(ignoring),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BUSY, values)
        rows = cursor.fetchall()
    return [
        (provider_id, Busy(starts, ends, before, after, _kind_of(status), service_id))
        for provider_id, starts, ends, before, after, status, service_id in rows
    ]


def _kind_of(status: str) -> BusyKind:
    return BusyKind.HOLD if status == BookingStatus.HELD else BusyKind.BOOKING
