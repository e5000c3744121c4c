"""Where periods end: a month after the 31st is the last of the next one, and the one after is the 31st again."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime
from typing import Any, Final

_MONTHS: Final = {"month": 1, "year": 12}
_SECONDS: Final = {"day": 86_400, "week": 7 * 86_400}


def add_months(moment: int, months: int) -> int:
    """The same day and time so many months on, or the month's last day where it has no such day."""
    start = datetime.fromtimestamp(moment, UTC)
    years, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(years, month + 1)[1])
    return int(start.replace(year=years, month=month + 1, day=day).timestamp())


def period_end(anchor: int, start: int, recurring: Any) -> int:  # Any: the price's `recurring`
    """The end of the period that begins at `start`, counted from `anchor` (Stripe's documentation, "Billing cycle")."""
    interval, every = str(recurring["interval"]), int(recurring["interval_count"])
    if interval in _SECONDS:
        span = _SECONDS[interval] * every
        return anchor + ((start - anchor) // span + 1) * span
    months = _MONTHS[interval] * every
    # Counted from the anchor each time: from the 28th of February on it would be the 28th for ever.
    count = max(0, (start - anchor) // (32 * 86_400 * months))
    while (end := add_months(anchor, months * count)) <= start:
        count += 1
    return end
