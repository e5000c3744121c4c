"""What the backoffice's pages are made of: who sits at the desk, a week of appointments, steps to take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.functional import Promise

from kernel.actor import Actor
from tenant_apps.providers.types import ProviderProfile


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody in the backoffice. `own` is their own profile, where they offer something themselves.

    `zone` is the one whose clock they read: their own where they see only their own bookings, else the organization's.
    """

    actor: Actor
    own: ProviderProfile | None
    zone: str

    @property
    def runs_marketplace(self) -> bool:
        """Whether they see everybody's bookings and not only their own."""
        return self.actor.can("bookings.view_all")


@dataclass(frozen=True, slots=True)
class Appointment:
    """A booking as the calendar shows it. `kind` is the class of its colour: none, `a` (done) or `w` (waits for a yes)."""

    url: str
    title: str
    detail: str
    kind: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Block:
    """An appointment, or a part of one, in a day's column: quarter hours from the top, and how many.

    `lane` is the class of its place beside others at the same time; empty where it has the column to itself.
    """

    appointment: Appointment
    row: int
    length: int
    is_first: bool
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Fold:
    """Appointments for which a day's column has no room: where they would stand, and how many they are."""

    row: int
    length: int
    count: int


@dataclass(frozen=True, slots=True)
class DayColumn:
    """One day of the calendar. `appointments` are all of the day, for the list that phones show."""

    on_date: date
    is_today: bool
    is_off: bool
    blocks: tuple[Block, ...]
    folds: tuple[Fold, ...]
    appointments: tuple[Appointment, ...]


@dataclass(frozen=True, slots=True)
class WeekView:
    """Seven days from Monday on, or a single one. `hours` label the rows."""

    zone: str
    hours: tuple[datetime, ...]
    days: tuple[DayColumn, ...]

    @property
    def is_busy(self) -> bool:
        return any(day.appointments for day in self.days)

    @property
    def is_one_day(self) -> bool:
        return len(self.days) == 1

    @property
    def first_on(self) -> date:
        return self.days[0].on_date

    @property
    def last_on(self) -> date:
        return self.days[-1].on_date

    @property
    def previous(self) -> date:
        """The first day of as many days before."""
        return self.first_on - timedelta(days=len(self.days))

    @property
    def following(self) -> date:
        """The first day of as many days after."""
        return self.last_on + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do before the first booking can come."""

    label: str | Promise
    url: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """The steps in their order, and how far somebody is."""

    steps: tuple[Step, ...]

    @property
    def left(self) -> int:
        return sum(not step.is_done for step in self.steps)

    @property
    def percent(self) -> int:
        return 100 * (len(self.steps) - self.left) // max(1, len(self.steps))


@dataclass(frozen=True, slots=True)
class PlanUse:
    """What is used of one of the plan's limits; `limit` is None where there is none. The texts are for people."""

    code: str
    label: str
    used: int
    limit: int | None
    used_text: str
    limit_text: str

    @property
    def shown(self) -> int:
        """How far the meter stands; it cannot show more than all, which a smaller plan can make of what was there before."""
        return self.used if self.limit is None else min(self.used, self.limit)

    @property
    def is_full(self) -> bool:
        return self.limit is not None and self.used >= self.limit


@dataclass(frozen=True, slots=True)
class BookingActs:
    """What this person may do to a booking now; what they may not is not shown."""

    can_confirm: bool
    can_decline: bool
    can_cancel: bool
    can_complete: bool
    can_mark_no_show: bool

    @property
    def any(self) -> bool:
        return self.can_confirm or self.can_decline or self.can_cancel or self.can_complete or self.can_mark_no_show
