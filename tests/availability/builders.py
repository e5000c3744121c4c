"""The same provider for the engine and for the slow reference, so that a test says it once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from tenant_apps.availability.rules import build_schedule, explain, find_slots
from tenant_apps.availability.types import (
    Busy,
    BusyKind,
    DatedWindow,
    Diary,
    ExceptionKind,
    Explanation,
    Slot,
    Timing,
    instant_of,
    moment_of,
)
from tests.availability.reference import Dated, SlowProvider, Taken, Wanted

_SERVICE, _ANOTHER = 1, 2
NINE_TO_FIVE = [(weekday, 540, 1020) for weekday in range(7)]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@dataclass
class Case:
    zone: str
    wanted: Wanted
    weekly: list[tuple[int, int, int]] = field(default_factory=lambda: NINE_TO_FIVE)
    exceptions: list[Dated] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    blackouts: list[tuple[datetime, datetime]] = field(default_factory=list)
    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def slots(self, first: datetime, last: datetime) -> list[Slot]:
        return find_slots(
            self.diary(), self.timing(), starts=instant_of(first), ends=instant_of(last), now=instant_of(self.now)
        )

    def starts(self, first: datetime, last: datetime) -> list[datetime]:
        return [slot.starts_at for slot in self.slots(first, last)]

    def walls(self, first: datetime, last: datetime) -> list[str]:
        """The starts as the provider's clock shows them, with its offset."""
        return [f"{slot.provider_starts_at:%H:%M%z}" for slot in self.slots(first, last)]

    def slow_starts(self, first: datetime, last: datetime) -> list[datetime]:
        slow = SlowProvider(self.zone, self.weekly, self.exceptions, self.taken, self.blackouts)
        return slow.starts(self.wanted, first, last, self.now)

    def explain(self, moment: datetime) -> Explanation:
        return explain(self.diary(), self.timing(), at=instant_of(moment), now=instant_of(self.now))

    def diary(self) -> Diary:
        rows = [
            DatedWindow(
                row.on_date, ExceptionKind.OPEN if row.is_open else ExceptionKind.CLOSED, row.starts_minute, row.ends_minute
            )
            for row in self.exceptions
        ]
        blackouts = [(instant_of(starts_at), instant_of(ends_at)) for starts_at, ends_at in self.blackouts]
        return Diary(build_schedule(self.zone, self.weekly, rows), [_busy(item) for item in self.taken], blackouts)

    def timing(self) -> Timing:
        wanted = self.wanted
        return Timing(
            duration_minutes=wanted.duration,
            step_minutes=wanted.step,
            buffer_before_minutes=wanted.buffer_before,
            buffer_after_minutes=wanted.buffer_after,
            min_notice_minutes=wanted.min_notice,
            horizon_minutes=wanted.horizon,
            max_per_day=wanted.max_per_day,
            max_per_week=wanted.max_per_week,
            service_id=_SERVICE,
        )


def minutes_between(first: datetime, last: datetime) -> list[datetime]:
    return [moment_of(second) for second in range(instant_of(first), instant_of(last), 60)]


def _busy(item: Taken) -> Busy:
    return Busy(
        instant_of(item.starts_at),
        instant_of(item.ends_at),
        int(item.buffer_before.total_seconds()),
        int(item.buffer_after.total_seconds()),
        BusyKind.BOOKING if item.counts else BusyKind.CALENDAR,
        _ANOTHER if item.is_of_another_service else _SERVICE,
    )
