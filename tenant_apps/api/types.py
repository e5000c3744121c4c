"""Words of bookings that are not among those it gives to other apps."""

from __future__ import annotations

from typing import Any, Final

type Booking = Any  # Any: the row that bookings' selectors give and its services take; its class stays inside that app

BOOKING_PREFIX: Final = "bkg"
