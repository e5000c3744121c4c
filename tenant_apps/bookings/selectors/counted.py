"""Bookings as the plan's month counts them (ADR 0011), for whoever meters them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, QuerySet

from kernel.ids import first_id_at
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.querysets import COUNTING, SLACK


@dataclass(frozen=True, slots=True)
class CountedBooking:
    """A booking that was made, by whose provider, and whether it counts; once it does not, it never will again."""

    booking_id: UUID
    provider_id: UUID
    booked_at: datetime
    counts: bool


def counted_booking(booking_id: UUID) -> CountedBooking | None:
    """The booking of this id as it stands; None for a hold, or where there is none (one query)."""
    return next(iter(_read(Booking.objects.filter(public_id=booking_id))), None)


def counted_bookings(*, since: datetime, after: UUID | None, most: int) -> Sequence[CountedBooking]:
    """What was booked since then, in the order of ids from behind `after`, at most so many (one query)."""
    # The id holds the time that the row was made, so its index leads there.
    rows = Booking.objects.filter(public_id__gte=first_id_at(since - SLACK), booked_at__gte=since)
    if after is not None:
        rows = rows.filter(public_id__gt=after)
    return _read(rows.order_by("public_id")[:most])


def _read(rows: QuerySet[Booking]) -> list[CountedBooking]:
    found = rows.annotate(counts=ExpressionWrapper(COUNTING, output_field=BooleanField()))
    columns = found.values_list("public_id", "provider__public_id", "booked_at", "counts")
    return [
        CountedBooking(booking_id, provider_id, booked_at, bool(counts))
        for booking_id, provider_id, booked_at, counts in columns
        if booked_at is not None
    ]
