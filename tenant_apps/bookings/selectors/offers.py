"""A chosen time in words, before it is a booking: what the summary beside the form says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kernel.intervals import Interval
from tenant_apps.bookings.selectors.phrases import TimeWords, span_words
from tenant_apps.bookings.selectors.terms import answer_words, offer_words
from tenant_apps.catalog.types import ServiceDetails


@dataclass(frozen=True, slots=True)
class Offer:
    """`terms` says what one may still do after booking; `answer` by when a request is answered, if it is one."""

    on: date
    time: TimeWords
    terms: str
    answer: str


def get_offer(service: ServiceDetails, starts_at: datetime, *, zone: str, now: datetime) -> Offer:
    """The words for `starts_at` of `service` on a clock in `zone`."""
    span = Interval(starts_at, starts_at + timedelta(minutes=service.duration_minutes))
    return Offer(
        on=starts_at.astimezone(ZoneInfo(zone)).date(),
        time=span_words(span, zone=zone, other_zone=service.provider.time_zone),
        terms=offer_words(service, starts_at, zone=zone, now=now),
        answer=answer_words(service, starts_at, zone=zone, now=now),
    )
