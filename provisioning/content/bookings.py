"""A sample's history: bookings on times that the marketplace really offered, written as rows, so that nobody gets mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from kernel.db import insert_or_none
from kernel.intervals import Interval
from tenant_apps.availability.selectors import get_slots
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.rules import booked_times, completes_at, local_text, request_expires_at
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.selectors import listed_services
from tenant_apps.catalog.types import Approval, Facets, ServiceCard
from tenants.scope import current_tenant

_BEHIND: Final = 3 * [timedelta(weeks=4)]
"""As many weeks as the first page of the backoffice draws."""
_AHEAD: Final = timedelta(days=12)
_LONGEST_NOTICE: Final = timedelta(days=4)
_MOST_SERVICES: Final = 60
# One in so many free times is taken: fewer the longer ago, as where business grows, and more on the day people look at first.
_STEP_TODAY: Final = 6
_STEP_BEHIND: Final = 18
_SPARSER_BEFORE: Final = 9
_STEP_AHEAD: Final = 29


@dataclass(frozen=True, slots=True)
class SampleCustomer:
    """Somebody made up."""

    first_name: str
    last_name: str
    email: str


def write_bookings(*, customers: Iterator[SampleCustomer], now: datetime) -> int:
    """Fill twelve weeks behind `now`, today and twelve days ahead, and say how many bookings there are."""
    services = listed_services(Facets(), limit=_MOST_SERVICES).rows
    return sum(_book_some(service, number, customers, now) for number, service in enumerate(services))


def _book_some(service: ServiceCard, number: int, customers: Iterator[SampleCustomer], now: datetime) -> int:
    written = 0
    for starts_at in _starts(service, number, now):
        written += insert_or_none(_row(service, starts_at, next(customers), now)) is not None
    return written


def _starts(service: ServiceCard, number: int, now: datetime) -> Iterator[datetime]:
    """Times to book, without a hole between what is over and what is to come. `number` makes services differ."""
    today, tomorrow = _day_of(now)
    yield from _some(service, today, tomorrow, number, _STEP_TODAY)
    yield from _some(service, tomorrow, tomorrow + _AHEAD, number, _STEP_AHEAD)
    ends_at = today
    for months_ago, span in enumerate(_BEHIND):
        yield from _some(service, ends_at - span, ends_at, number, _STEP_BEHIND + months_ago * _SPARSER_BEFORE)
        ends_at -= span


def _day_of(now: datetime) -> tuple[datetime, datetime]:
    """Where the day of `now` begins and ends on the organization's clock."""
    zone = ZoneInfo(current_tenant().time_zone)
    on = now.astimezone(zone).date()
    begins, ends = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (on, on + timedelta(days=1)))
    return begins, ends


def _some(service: ServiceCard, first: datetime, last: datetime, number: int, step: int) -> list[datetime]:
    # As somebody saw it who looked early enough, so that neither notice nor horizon hides anything.
    slots = get_slots(service=service, starts_at=first, ends_at=last, now=first - _LONGEST_NOTICE)
    return [slot.starts_at for slot in islice(slots, number % step, None, step)]


def _row(service: ServiceCard, starts_at: datetime, customer: SampleCustomer, now: datetime) -> Booking:
    times = booked_times(
        starts_at=starts_at,
        duration=timedelta(minutes=service.duration_minutes),
        buffer_before=timedelta(minutes=service.buffer_before_minutes),
        buffer_after=timedelta(minutes=service.buffer_after_minutes),
    )
    # Between half a day and four days before, and so within the time in which a request is answered.
    booked_at = min(now, starts_at) - timedelta(hours=12 + (starts_at.day * 7 + starts_at.hour * 5) % 84)
    status = _status(service, times.shown, now)
    due_at = {
        BookingStatus.PENDING: request_expires_at(requested_at=booked_at, starts_at=starts_at, now=now),
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


def _status(service: ServiceCard, shown: Interval, now: datetime) -> BookingStatus:
    if shown.end < now:
        # Some do not come: about one in fourteen, by the day of the month.
        return BookingStatus.NO_SHOW if shown.end.day % 14 == 0 else BookingStatus.COMPLETED
    is_asked = service.approval == Approval.REQUEST and shown.start >= _day_of(now)[1]
    return BookingStatus.PENDING if is_asked else BookingStatus.CONFIRMED
