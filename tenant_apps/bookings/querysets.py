"""The questions that are asked of bookings again and again, by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Self
from uuid import UUID

from django.db import models

from kernel.intervals import Interval
from tenant_apps.bookings.types import BOOKED, BookedTimes, BookingStatus

if TYPE_CHECKING:
    from tenant_apps.bookings.models import Booking  # noqa: F401  # named in the base's quotes

IN_GOOD_TIME: Final = timedelta(days=1)
"""Called off so long before its start, a booking was of no use to anybody."""

AT_ONCE: Final = timedelta(hours=1)
"""Called off so soon after it was made, it was a mistake, or one of a flood."""

SLACK: Final = timedelta(days=1)
"""A booking's row is made when its hold is, minutes before it is booked."""

_STANDING: Final = (BookingStatus.PENDING, BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW)
_GOOD_TIME: Final = models.Q(closed_at__lte=models.F("starts_at") - IN_GOOD_TIME)
_SOON: Final = models.Q(closed_at__lte=models.F("booked_at") + AT_ONCE, closed_at__lt=models.F("starts_at"))

COUNTING: Final = models.Q(status__in=_STANDING) | models.Q(models.Q(status=BookingStatus.CANCELLED), ~_GOOD_TIME, ~_SOON)
"""What counts toward the month of the plan (ADR 0011): bookings, but none that came to nothing in good time."""


class BookingQuerySet(models.QuerySet["Booking"]):
    """Bookings of the marketplace in scope."""

    def booked(self) -> Self:
        """What somebody has really asked for: no holds, nor what became of them."""
        return self.filter(models.Q(status__in=BOOKED) | models.Q(status=BookingStatus.EXPIRED, booked_at__isnull=False))

    def counting(self) -> Self:
        """What counts toward the month of the plan: `COUNTING`."""
        return self.filter(COUNTING)

    def with_sides(self) -> Self:
        """With provider and service in the same query: every page, permission and mail needs them."""
        return self.select_related("provider__user", "service")

    def held_under(self, hold_key: UUID) -> Self:
        """The hold of this key, its time over or not."""
        return self.filter(hold_key=hold_key, status=BookingStatus.HELD)

    def due(self, status: BookingStatus, now: datetime) -> Self:
        """What is in `status` and should not be any more: lapsed holds and requests, bookings whose time is over."""
        return self.filter(status=status, due_at__lte=now)

    def in_the_way_of(self, provider_id: int, times: BookedTimes) -> Self:
        """What would collide with `times`, whatever its state: the two exclusion constraints as a question."""
        after, before = _range(times.time_and_after), _range(times.before_and_time)
        collides = models.Q(time_and_after__overlap=after) | models.Q(before_and_time__overlap=before)
        return self.filter(collides, provider_id=provider_id)

    def overlapping(self, span: Interval) -> Self:
        """Whose shown time shares an instant with `span`."""
        return self.filter(starts_at__lt=span.end, ends_at__gt=span.start)

    def in_state(self, statuses: Sequence[str]) -> Self:
        return self.filter(status__in=statuses)


def _range(interval: Interval) -> tuple[datetime, datetime]:
    return interval.start, interval.end
