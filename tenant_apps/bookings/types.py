"""The words of a booking: its states, the sides that act on it, and what a customer tells about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.intervals import Interval


class BookingStatus(models.TextChoices):
    """The states of a booking; rules.TRANSITIONS says which may follow which."""

    HELD = "held", _("Held")
    PENDING = "pending", _("Waiting for the provider")
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
    PROVIDER = "provider", _("Provider")
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
    """What the customer of a booking may still do by themselves, and until when it counts as in good time."""

    deadline_at: datetime
    can_cancel: bool
    can_move: bool
    is_late: bool
