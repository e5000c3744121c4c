"""Tells metering what a marketplace uses: from its events as they come, and from its rows once a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from shared_apps.metering.services import count_facts, note_level, open_since
from shared_apps.metering.types import ACTIVE_PROVIDERS, BOOKINGS, STORAGE, Fact
from tenant_apps.bookings.selectors import CountedBooking, counted_booking, counted_bookings
from tenant_apps.catalog.selectors import providers_on_sale
from tenant_apps.providers.selectors import stored_bytes
from tenants.scope import current_tenant

AT_ONCE: Final = 500
"""Bookings in one part of the daily count."""


def meter_booking(booking_id: UUID) -> None:
    """Count a booking, or take it back when it came to nothing in good time. In any order, and as often as one likes.

    What is counted follows from how the booking stands, not from what is told of it: each of its facts has its own key.
    """
    found = counted_booking(booking_id)
    if found is not None:
        count_facts(list(_facts_of(found)))


def meter_provider(provider_id: UUID, *, at: datetime) -> None:
    """Count a provider as active in the month of `at`; in each month once."""
    count_facts([_activity(provider_id, at)])


def meter_storage() -> None:
    """Note what all uploaded pictures weigh together right now."""
    note_level(STORAGE, stored_bytes())


def meter_everything(*, after: UUID | None, now: datetime) -> UUID | None:
    """Count the next bookings of the months that are open, from behind `after`; where to go on, None when all were.

    With the first part, what stands there: storage, and who has something on sale. May be called again.
    """
    if after is None:
        meter_storage()
        count_facts([_activity(provider_id, now) for provider_id in providers_on_sale()], now=now)
    zone = current_tenant().time_zone
    since = datetime.combine(open_since(zone, now), time.min, tzinfo=ZoneInfo(zone))
    part = counted_bookings(since=since, after=after, most=AT_ONCE)
    count_facts([fact for booking in part for fact in _facts_of(booking)], now=now)
    return part[-1].booking_id if len(part) == AT_ONCE else None


def _facts_of(booking: CountedBooking) -> Iterable[Fact]:
    name = f"booking:{booking.booking_id.hex}"
    yield Fact(BOOKINGS, f"{name}:made", booking.booked_at)
    if not booking.counts:
        yield Fact(BOOKINGS, f"{name}:taken back", booking.booked_at, -1)
    yield _activity(booking.provider_id, booking.booked_at)


def _activity(provider_id: UUID, at: datetime) -> Fact:
    month = at.astimezone(ZoneInfo(current_tenant().time_zone))
    return Fact(ACTIVE_PROVIDERS, f"provider:{provider_id.hex}:{month:%Y-%m}", at)
