"""What may happen to a booking, when, and on whose word: decisions without a database and without a clock."""

from tenant_apps.bookings.rules.customers import clean_customer, clean_phone, region_of
from tenant_apps.bookings.rules.policy import (
    LINK_LIFE,
    completes_at,
    has_link_ended,
    hold_expires_at,
    request_expires_at,
    terms_of,
)
from tenant_apps.bookings.rules.times import booked_times, local_text
from tenant_apps.bookings.rules.transitions import TRANSITIONS, may_follow, sentence_of_state

__all__ = [
    "LINK_LIFE",
    "TRANSITIONS",
    "booked_times",
    "clean_customer",
    "clean_phone",
    "completes_at",
    "has_link_ended",
    "hold_expires_at",
    "local_text",
    "may_follow",
    "region_of",
    "request_expires_at",
    "sentence_of_state",
    "terms_of",
]
