"""A sample's history: bookings on times that the marketplace really offered, written as rows, so that nobody gets mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from kernel.db import insert_or_none
from tenant_apps.availability.selectors import get_slots
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.rules import booked_times, completes_at, local_text, request_expires_at
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.selectors import listed_services
from tenant_apps.catalog.types import Approval, Facets, ServiceCard
from tenants.scope import current_tenant

_PAST: Final = timedelta(days=21)
_FUTURE: Final = timedelta(days=12)
_MOST_SERVICES: Final = 60
# One in so many free times is taken; different per service, so that weeks do not look alike.
_STEP_PAST: Final = 19
_STEP_FUTURE: Final = 31


@dataclass(frozen=True, slots=True)
class SampleCustomer:
    """Somebody made up."""

    first_name: str
    last_name: str
    email: str


def write_bookings(*, customers: Iterator[SampleCustomer], now: datetime) -> int:
    """Fill three weeks behind and twelve days ahead of `now`, and say how many bookings there are."""
    services = listed_services(Facets(), limit=_MOST_SERVICES).rows
    return sum(_book_some(service, number, customers, now) for number, service in enumerate(services))


def _book_some(service: ServiceCard, number: int, customers: Iterator[SampleCustomer], now: datetime) -> int:
    past = _free_starts(service, now - _PAST, now - timedelta(days=1), number, _STEP_PAST)
    future = _free_starts(service, now + timedelta(days=1), now + _FUTURE, number, _STEP_FUTURE)
    written = 0
    for starts_at in [*past, *future]:
        row = _row(service, starts_at, next(customers), now)
        written += insert_or_none(row) is not None
    return written


def _free_starts(service: ServiceCard, first: datetime, last: datetime, number: int, step: int) -> list[datetime]:
    slots = get_slots(service=service, starts_at=first, ends_at=last, now=first - timedelta(days=30))
    return [slot.starts_at for slot in islice(slots, number % step, None, step)]


def _row(service: ServiceCard, starts_at: datetime, customer: SampleCustomer, now: datetime) -> Booking:
    times = booked_times(
        starts_at=starts_at,
        duration=timedelta(minutes=service.duration_minutes),
        buffer_before=timedelta(minutes=service.buffer_before_minutes),
        buffer_after=timedelta(minutes=service.buffer_after_minutes),
    )
    booked_at = min(now, starts_at) - timedelta(days=2)
    status = _status(service, times.shown.end, now)
    due_at = {
        BookingStatus.PENDING: request_expires_at(requested_at=now, starts_at=starts_at),
        BookingStatus.CONFIRMED: completes_at(times.shown.end),
    }.get(status)
    return Booking(
        provider_id=service.provider.pk,
        service_id=service.pk,
        status=status,
        starts_at=times.shown.start,
        ends_at=times.shown.end,
        time_and_after=(times.time_and_after.start, times.time_and_after.end),
        before_and_time=(times.before_and_time.start, times.before_and_time.end),
        time_zone=service.provider.time_zone,
        local_start=local_text(starts_at, service.provider.time_zone),
        first_name=customer.first_name,
        last_name=customer.last_name,
        email=customer.email,
        customer_time_zone=service.provider.time_zone,
        language=current_tenant().language,
        service_title=service.title,
        price_minor=service.price.amount_minor,
        currency=service.price.currency,
        cancel_notice_minutes=24 * 60,
        due_at=due_at,
        booked_at=booked_at,
        decided_at=None if status == BookingStatus.PENDING else booked_at,
        closed_at=times.shown.end if status in {BookingStatus.COMPLETED, BookingStatus.NO_SHOW} else None,
        created_at=booked_at,
    )


def _status(service: ServiceCard, ends_at: datetime, now: datetime) -> BookingStatus:
    if ends_at < now:
        # Some do not come: about one in fourteen, by the day of the month.
        return BookingStatus.NO_SHOW if ends_at.day % 14 == 0 else BookingStatus.COMPLETED
    return BookingStatus.PENDING if service.approval == Approval.REQUEST else BookingStatus.CONFIRMED
