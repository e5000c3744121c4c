"""What the engine answers: slots, reasons, and slots as a viewer reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tenant_apps.availability.types.diary import Busy
from tenant_apps.availability.types.instants import Instant, moment_of


class Slot(NamedTuple):
    """A time that can be booked, with the provider's zone and its offset (seconds east of UTC) at the start."""

    starts: Instant
    ends: Instant
    offset: int
    zone: str

    @property
    def starts_at(self) -> datetime:
        """The start as an aware UTC datetime."""
        return moment_of(self.starts)

    @property
    def ends_at(self) -> datetime:
        """The end as an aware UTC datetime."""
        return moment_of(self.ends)

    @property
    def provider_starts_at(self) -> datetime:
        """The start on the provider's wall clock; its `fold` tells the two passes of a repeated hour apart."""
        return datetime.fromtimestamp(self.starts, ZoneInfo(self.zone))


class Reason(StrEnum):
    """The rule that decided about an instant, in the order in which the rules are asked."""

    OFFERED = "offered"
    PAST = "past"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    OFF_GRID = "off_grid"
    EXCEPTION = "exception"
    OUTSIDE_HOURS = "outside_hours"
    RUNS_PAST_CLOSING = "runs_past_closing"
    BLACKOUT = "blackout"
    BOOKED = "booked"
    HELD = "held"
    CALENDAR_BUSY = "calendar_busy"
    BUFFER = "buffer"
    DAY_LIMIT = "day_limit"
    WEEK_LIMIT = "week_limit"


class Explanation(NamedTuple):
    """Why an instant is offered or not: the rule, a sentence for people, and what is in the way, if something is."""

    reason: Reason
    sentence: str
    blocked_by: Busy | None = None


@dataclass(frozen=True, slots=True)
class ViewerSlot:
    """A slot as a viewer reads it. `offset_label` is set where that wall time happens twice in the viewer's zone."""

    slot: Slot
    local_starts_at: datetime
    offset_label: str = ""

    @property
    def label(self) -> str:
        """The 24-hour wall time, with the offset where it would be ambiguous: `01:30 (UTC+01:00)`."""
        wall = f"{self.local_starts_at:%H:%M}"
        return f"{wall} ({self.offset_label})" if self.offset_label else wall


@dataclass(frozen=True, slots=True)
class ViewerDay:
    """The slots that start on one local date of the viewer, in order of instants."""

    on_date: date
    slots: tuple[ViewerSlot, ...]
