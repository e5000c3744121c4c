"""A chosen time in words, before it is a booking: what the summary beside the form says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kernel.intervals import Interval
from tenant_apps.bookings.selectors.phrases import TimeWords, moment_words, span_words
from tenant_apps.catalog.types import ServiceDetails


@dataclass(frozen=True, slots=True)
class Offer:
    """`deadline` is until when one may move or cancel in good time; empty where there is no such time any more."""

    on: date
    time: TimeWords
    deadline: str


def get_offer(service: ServiceDetails, starts_at: datetime, *, zone: str, now: datetime | None = None) -> Offer:
    """The words for `starts_at` of `service` on a clock in `zone`."""
    span = Interval(starts_at, starts_at + timedelta(minutes=service.duration_minutes))
    deadline_at = starts_at - timedelta(minutes=service.cancel_notice_minutes)
    is_ahead = now is None or deadline_at > now
    return Offer(
        on=starts_at.astimezone(ZoneInfo(zone)).date(),
        time=span_words(span, zone=zone, other_zone=service.provider.time_zone),
        deadline=moment_words(deadline_at, zone=zone) if is_ahead else "",
    )
