"""What happens to bookings, for whoever listens (config.subscriptions). Each names the booking and what was true then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from kernel.events import Event
from tenant_apps.bookings.types import Party


@dataclass(frozen=True)
class BookingEvent(Event):
    """The base: `booking_id` is the public id; `sequence` tells a later change from an earlier one."""

    booking_id: UUID
    sequence: int
    by: Party


@dataclass(frozen=True)
class BookingRequested(BookingEvent):
    """A customer asks for a time; the provider has until `expires_at` to answer."""

    expires_at: datetime


@dataclass(frozen=True)
class BookingConfirmed(BookingEvent):
    """The booking stands: booked at once, or agreed to by the provider (`was_requested`)."""

    was_requested: bool


@dataclass(frozen=True)
class BookingDeclined(BookingEvent):
    """The provider said no; the time is free again."""

    reason: str


@dataclass(frozen=True)
class BookingCancelled(BookingEvent):
    """One side called it off; the time is free again. `is_late`: the customer did so after the deadline."""

    reason: str
    is_late: bool


@dataclass(frozen=True)
class BookingMoved(BookingEvent):
    """The booking has another time now; it started at `moved_from_at` before."""

    moved_from_at: datetime


@dataclass(frozen=True)
class BookingLapsed(BookingEvent):
    """A request that nobody answered in time; the time is free again."""


@dataclass(frozen=True)
class BookingCompleted(BookingEvent):
    """The time has passed and, as far as anybody said, the customer came."""


@dataclass(frozen=True)
class BookingMissed(BookingEvent):
    """The customer did not come."""


@dataclass(frozen=True)
class LinkRenewed(Event):
    """The manage links of a booking that were sent before its epoch `link_epoch` lead nowhere any more."""

    booking_id: UUID
    link_epoch: int


@dataclass(frozen=True)
class LinksAsked(Event):
    """Somebody wants the links to what was booked under `email`, known here or not. `ask_id` tells one asking from the next."""

    ask_id: UUID
    email: str
    language: str


@dataclass(frozen=True)
class MonthUsedUp(Event):
    """The last booking that the plan allows was made in the month that began on `month_on`; the next one is refused."""

    month_on: date
