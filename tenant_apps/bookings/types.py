"""The words of a booking: its states, the sides that act on it, and what a customer tells about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.intervals import Interval
from tenants.vocabulary import lazy_title
from webui.date_grid import MonthGrid
from webui.slots import SlotGroup


class BookingStatus(models.TextChoices):
    """The states of a booking; rules.TRANSITIONS says which may follow which."""

    HELD = "held", _("Held")
    PENDING = "pending", _("Waiting for an answer")
    CONFIRMED = "confirmed", _("Confirmed")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")
    COMPLETED = "completed", _("Completed")
    NO_SHOW = "no_show", _("Did not come")


OCCUPYING: Final = (BookingStatus.HELD, BookingStatus.PENDING, BookingStatus.CONFIRMED)
"""The states that keep a provider's time from others; the exclusion constraints name the same three."""

BOOKED: Final = tuple(status for status in BookingStatus if status not in {BookingStatus.HELD, BookingStatus.EXPIRED})
"""The states that a list of bookings shows. A hold is only somebody who has not finished choosing."""


class Party(models.TextChoices):
    """On whose side somebody acts on a booking."""

    CUSTOMER = "customer", _("Customer")
    PROVIDER = "provider", lazy_title("provider")
    ORGANIZATION = "organization", _("Organization")
    SYSTEM = "system", _("The platform")


@dataclass(frozen=True, slots=True)
class CustomerDetails:
    """Who books, in their own words. `phone` may be empty, or anything that reads as a number in the tenant's country.

    `time_zone` (IANA) and `language` are those the customer looked at the page in; mails keep to them.
    """

    first_name: str
    last_name: str
    email: str
    phone: str = ""
    note: str = ""
    time_zone: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class BookedTimes:
    """The shown time of a booking and the two ranges that it keeps free (see models.Booking)."""

    shown: Interval
    time_and_after: Interval
    before_and_time: Interval


@dataclass(frozen=True, slots=True)
class Terms:
    """What the customer of a booking may still do by themselves, and until when it counts as in good time.

    `is_notice_over`: that time has passed. `is_late`: it has, and the booking is agreed, so that cancelling counts as late.
    """

    deadline_at: datetime
    can_cancel: bool
    can_move: bool
    is_late: bool
    is_notice_over: bool


class When(Enum):
    """Which side of now a list shows."""

    AHEAD = "upcoming"
    BEHIND = "past"
    ANY = "all"


@dataclass(frozen=True, slots=True)
class Wish:
    """What narrows a list of bookings; empty values narrow nothing. `search` looks at the customer and the service."""

    when: When = When.ANY
    statuses: tuple[BookingStatus, ...] = ()
    provider_pk: int | None = None
    customer_pk: int | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class PickerPaths:
    """Where a slot picker sends its forms. `page` shows it again with another day (GET), `part` only its inside (htmx),
    `choose` takes the chosen slot (POST).
    """

    page: str
    part: str
    choose: str


@dataclass(frozen=True, slots=True)
class NextTime:
    """A free time to take at once: `value` as the radios have it, `day` to look at it in the calendar."""

    value: str
    day: date
    label: str
    short_label: str


@dataclass(frozen=True, slots=True)
class Picker:
    """All that `bookings/picker.html` needs. `problem` says what of the address made no sense, and is empty otherwise.

    `zones` are the likely ones, `all_zones` every other choice.
    """

    paths: PickerPaths
    zone: str
    zones: tuple[tuple[str, str], ...]
    all_zones: tuple[tuple[str, str], ...]
    is_zone_chosen: bool
    provider_zone: str
    provider_city: str
    grid: MonthGrid
    day: date | None
    day_title: str
    groups: tuple[SlotGroup, ...]
    chosen: str
    next_times: tuple[NextTime, ...]
    announcement: str
    problem: str
