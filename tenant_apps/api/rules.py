"""What the scopes of a marketplace's keys allow; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

BOOKINGS_READ: Final = "bookings:read"
BOOKINGS_WRITE: Final = "bookings:write"
SERVICES_READ: Final = "services:read"

# Capabilities of members.rules. Whoever changes a booking is answered with it, so writing includes reading.
SCOPES: Final[Mapping[str, frozenset[str]]] = {
    SERVICES_READ: frozenset(),
    BOOKINGS_READ: frozenset({"bookings.view_all"}),
    BOOKINGS_WRITE: frozenset({"bookings.view_all", "bookings.create", "bookings.confirm", "bookings.cancel"}),
}


def capabilities_of(scopes: Iterable[str]) -> frozenset[str]:
    """All that these scopes allow together; a scope that this code no longer knows allows nothing."""
    return frozenset[str]().union(*(SCOPES.get(scope, frozenset()) for scope in scopes))
