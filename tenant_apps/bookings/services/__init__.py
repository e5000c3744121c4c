"""Writing bookings: hold, book, decide, cancel, move, let run out, claim."""

from tenant_apps.bookings.services.booking import book
from tenant_apps.bookings.services.cancelling import cancel_booking
from tenant_apps.bookings.services.claiming import ask_for_links, claim_bookings_of, renew_link
from tenant_apps.bookings.services.deciding import complete_booking, confirm_booking, decline_booking, mark_no_show
from tenant_apps.bookings.services.holding import hold_slot, require_slot
from tenant_apps.bookings.services.limits import booked_by_month, booked_this_month
from tenant_apps.bookings.services.moving import reschedule_booking
from tenant_apps.bookings.services.rates import booking_rates, count_booking, count_hold
from tenant_apps.bookings.services.telling import tell_customers_of_closing, tell_customers_of_reopening
from tenant_apps.bookings.services.timers import complete_overdue, expire_holds, expire_pending

__all__ = [
    "ask_for_links",
    "book",
    "booked_by_month",
    "booked_this_month",
    "booking_rates",
    "cancel_booking",
    "claim_bookings_of",
    "complete_booking",
    "complete_overdue",
    "confirm_booking",
    "count_booking",
    "count_hold",
    "decline_booking",
    "expire_holds",
    "expire_pending",
    "hold_slot",
    "mark_no_show",
    "renew_link",
    "require_slot",
    "reschedule_booking",
    "tell_customers_of_closing",
    "tell_customers_of_reopening",
]
