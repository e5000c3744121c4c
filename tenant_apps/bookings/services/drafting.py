"""A new row for a time of a service: who, how long, what it costs, as agreed now."""

from __future__ import annotations

from datetime import datetime, timedelta

from tenant_apps.availability.types import BookableService
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.rules import booked_times, local_text
from tenant_apps.bookings.types import BookedTimes, BookingStatus
from tenant_apps.catalog.types import ServiceDetails
from tenants.scope import current_tenant


def times_of(service: BookableService, starts_at: datetime) -> BookedTimes:
    """The ranges that `service` needs from `starts_at` on."""
    return booked_times(
        starts_at=starts_at,
        duration=timedelta(minutes=service.duration_minutes),
        buffer_before=timedelta(minutes=service.buffer_before_minutes),
        buffer_after=timedelta(minutes=service.buffer_after_minutes),
    )


def draft(service: ServiceDetails, starts_at: datetime, *, status: BookingStatus, now: datetime) -> Booking:
    """An unsaved booking with everything that follows from the service; who books, and until when, is the caller's."""
    shown = times_of(service, starts_at).shown
    zone = service.provider.time_zone
    return Booking(
        provider_id=service.provider.pk,
        service_id=service.pk,
        status=status,
        starts_at=shown.start,
        ends_at=shown.end,
        time_zone=zone,
        local_start=local_text(shown.start, zone),
        customer_time_zone=zone,
        language=current_tenant().language,
        service_title=service.title,
        price_minor=service.price.amount_minor,
        currency=service.price.currency,
        cancel_notice_minutes=service.cancel_notice_minutes,
        created_at=now,
    )
