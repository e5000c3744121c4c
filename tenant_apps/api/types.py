"""Words of the API: what the scopes of a marketplace's keys are called and allow, and words of bookings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Booking = Any  # Any: the row that bookings' selectors give and its services take; its class stays inside that app

BOOKING_PREFIX: Final = "bkg"

BOOKINGS_READ: Final = "bookings:read"
BOOKINGS_WRITE: Final = "bookings:write"
SERVICES_READ: Final = "services:read"

# Capabilities of members.rules. Whoever changes a booking is answered with it, so writing includes reading.
SCOPES: Final[Mapping[str, frozenset[str]]] = {
    SERVICES_READ: frozenset(),
    BOOKINGS_READ: frozenset({"bookings.view_all"}),
    BOOKINGS_WRITE: frozenset({"bookings.view_all", "bookings.create", "bookings.confirm", "bookings.cancel"}),
}
SCOPE_LABELS: Final[Mapping[str, str | Promise]] = {
    SERVICES_READ: _("Read services and free times"),
    BOOKINGS_READ: _("Read all bookings with their customers"),
    BOOKINGS_WRITE: _("Make, move, confirm and cancel bookings, and read them"),
}
