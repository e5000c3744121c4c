"""A booking as the service that it was made for: what was agreed counts, whatever the service has become since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tenant_apps.availability.types import BookableProvider
from tenant_apps.bookings.models import Booking


@dataclass(frozen=True, slots=True)
class AgreedService:
    """What the slot search asks of a service (availability's BookableService), for moving one booking of it."""

    pk: int
    provider: BookableProvider
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    grid_step_minutes: int
    min_notice_minutes: int
    horizon_days: int
    max_per_day: int | None
    max_per_week: int | None


def agreed_service(booking: Booking) -> AgreedService:
    """The length and the buffers of `booking`, and everything else as its service is offered now; no query."""
    service = booking.service
    return AgreedService(
        pk=service.pk,
        provider=booking.provider,
        duration_minutes=_minutes(booking.ends_at - booking.starts_at),
        buffer_before_minutes=_minutes(booking.starts_at - _bound(booking.before_and_time, 0)),
        buffer_after_minutes=_minutes(_bound(booking.time_and_after, 1) - booking.ends_at),
        grid_step_minutes=service.grid_step_minutes,
        min_notice_minutes=service.min_notice_minutes,
        horizon_days=service.horizon_days,
        max_per_day=service.max_per_day,
        max_per_week=service.max_per_week,
    )


def _minutes(span: timedelta) -> int:
    return span // timedelta(minutes=1)


def _bound(stored: Any, side: int) -> datetime:  # Any: a pair when just written, psycopg's range when read
    ends = stored if isinstance(stored, tuple) else (stored.lower, stored.upper)
    bound: datetime = ends[side]
    return bound
