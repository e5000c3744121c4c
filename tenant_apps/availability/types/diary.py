"""What stands in a provider's way, and how a service may be booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tenant_apps.availability.types.instants import MINUTE, Instant, Stretch
from tenant_apps.availability.types.schedule import Schedule


class BusyKind(StrEnum):
    """What takes the provider's time. Calendar entries block, but count towards no limit."""

    BOOKING = "booking"
    HOLD = "hold"
    CALENDAR = "calendar"


class Busy(NamedTuple):
    """Time that is taken: the shown stretch, the buffers that belong to it, in seconds, and the pk of the service it is for."""

    starts: Instant
    ends: Instant
    buffer_before: int = 0
    buffer_after: int = 0
    kind: BusyKind = BusyKind.BOOKING
    service_id: int | None = None


@dataclass(frozen=True, slots=True)
class Diary:
    """Everything that stands in a provider's way.

    `busy` must reach as far as `rules.busy_reach` says, else a limit or a buffer is missed. A blackout keeps the
    service itself out; buffers may lie in it, as they may lie outside the opening hours.
    """

    schedule: Schedule
    busy: Sequence[Busy] = ()
    blackouts: Sequence[Stretch] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """How a service may be booked. All spans are minutes; `None` means no limit.

    The step of the grid is independent of the duration, and counts from midnight of the provider's wall clock.
    Limits count the bookings and live holds of the same service (`service_id`) that start on the provider's local day, or in
    its week from Monday.
    """

    duration_minutes: int
    step_minutes: int = 15
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    min_notice_minutes: int = 0
    horizon_minutes: int | None = None
    max_per_day: int | None = None
    max_per_week: int | None = None
    service_id: int | None = None

    def __post_init__(self) -> None:
        if self.duration_minutes < 1 or self.step_minutes < 1:
            raise ValueError("a duration and a step are at least one minute")
        if min(self.buffer_before_minutes, self.buffer_after_minutes, self.min_notice_minutes) < 0:
            raise ValueError("buffers and notice are not negative")

    @property
    def has_limits(self) -> bool:
        """Whether days or weeks can be full."""
        return self.max_per_day is not None or self.max_per_week is not None

    @property
    def duration(self) -> int:
        """The shown length, in seconds."""
        return self.duration_minutes * MINUTE

    @property
    def buffer_before(self) -> int:
        """The buffer before the shown start, in seconds."""
        return self.buffer_before_minutes * MINUTE

    @property
    def buffer_after(self) -> int:
        """The buffer after the shown end, in seconds."""
        return self.buffer_after_minutes * MINUTE

    def earliest_start(self, now: Instant) -> Instant:
        """The first instant that the notice allows."""
        return now + self.min_notice_minutes * MINUTE

    def latest_start(self, now: Instant) -> Instant | None:
        """The last instant within the horizon, itself included; `None` without a horizon."""
        return None if self.horizon_minutes is None else now + self.horizon_minutes * MINUTE
