"""Reading bookings: by whom, by link, as lists, as a calendar, as what takes providers' time."""

from tenant_apps.bookings.selectors.attempts import get_service_picker, zone_hint
from tenant_apps.bookings.selectors.bookings import (
    booking_for,
    get_bookings_for,
    visible_to,
)
from tenant_apps.bookings.selectors.busy import busy_ranges
from tenant_apps.bookings.selectors.counted import CountedBooking, counted_booking, counted_bookings
from tenant_apps.bookings.selectors.links import booking_behind_link, manage_path, manage_url
from tenant_apps.bookings.selectors.phrases import city_of

__all__ = [
    "CountedBooking",
    "booking_behind_link",
    "booking_for",
    "busy_ranges",
    "city_of",
    "counted_booking",
    "counted_bookings",
    "get_bookings_for",
    "get_service_picker",
    "manage_path",
    "manage_url",
    "visible_to",
    "zone_hint",
]
