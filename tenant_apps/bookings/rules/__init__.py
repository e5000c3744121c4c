"""What may happen to a booking, when, and on whose word: decisions without a database and without a clock."""

from tenant_apps.bookings.rules.customers import clean_customer
from tenant_apps.bookings.rules.policy import completes_at, hold_expires_at, request_expires_at, terms_of
from tenant_apps.bookings.rules.times import booked_times, local_text
from tenant_apps.bookings.rules.transitions import TRANSITIONS, may_follow, states_before

__all__ = [
    "TRANSITIONS",
    "booked_times",
    "clean_customer",
    "completes_at",
    "hold_expires_at",
    "local_text",
    "may_follow",
    "request_expires_at",
    "states_before",
    "terms_of",
]
