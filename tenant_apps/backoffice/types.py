"""The shapes that the backoffice's pages are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


class CalendarProvider(Protocol):
    """Whose calendar an entry stands in."""

    @property
    def display_name(self) -> str: ...


class CalendarEntry(Protocol):
    """What the calendar draws; a booking is one."""

    @property
    def reference(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...

    @property
    def customer_name(self) -> str: ...

    @property
    def service_title(self) -> str: ...

    @property
    def provider(self) -> CalendarProvider: ...


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One step of getting started: what it is, where it is done, whether it is."""

    label: str
    url: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Checklist:
    """The steps of getting started, in a good order."""

    items: Sequence[CheckItem]

    @property
    def percent(self) -> int:
        return round(100 * self.done / len(self.items)) if self.items else 100

    @property
    def done(self) -> int:
        return sum(item.is_done for item in self.items)

    @property
    def is_complete(self) -> bool:
        return self.done == len(self.items)

    @property
    def next(self) -> CheckItem | None:
        """The first step that is not done."""
        return next((item for item in self.items if not item.is_done), None)


@dataclass(frozen=True, slots=True)
class WeekEvent:
    """A booking in the week's grid: `row` and `length` are quarter hours, `look` is a class of webui's calendar."""

    row: int
    length: int
    look: str
    title: str
    text: str
    url: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One column of the week."""

    on_date: date
    name: str
    is_today: bool
    is_off: bool
    events: Sequence[WeekEvent]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven columns, the hours beside them, and the weeks around."""

    days: Sequence[WeekDay]
    hours: Sequence[str]
    title: str
    previous_on: date
    following_on: date
