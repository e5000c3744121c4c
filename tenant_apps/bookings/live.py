"""The socket of a booking's page: it says that something changed, and the page asks for itself anew."""

from __future__ import annotations

from kernel.errors import NotFound
from tenant_apps.bookings.selectors import booking_behind_link
from tenants.live import ScopedConsumer

TOPIC = "booking"


class BookingConsumer(ScopedConsumer):
    """Open to whoever holds the manage link, which is in the address."""

    def topic(self) -> tuple[str, object] | None:
        try:
            booking, _holder = booking_behind_link(self.scope["url_route"]["kwargs"]["token"])
        except NotFound:
            return None
        return TOPIC, booking.public_id
