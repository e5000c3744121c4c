"""The words that the APIs of both hosts share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from tenants.rates import Rate

KEY_PREFIX: Final = "key"


class KeyKind(Enum):
    """Whose key it is, as its text says it."""

    TENANT = "tenant"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Access:
    """What it takes to use one method of one address.

    `scope` is what a key must hold (None: any key will do). `is_open`: nobody needs a key; one that is sent must be good
    all the same. `takes_link`: whoever sends the token of a booking needs no key.
    """

    scope: str | None = None
    is_open: bool = False
    takes_link: bool = False


OPEN: Final = Access(is_open=True)
LINK_HEADER: Final = "Booking-Token"

ADDRESS_RATE: Final = Rate("address", 120, 60)
REFUSED_RATE: Final = Rate("refused", 30, 60)
"""Bad keys from one address: guessing is hopeless anyway, but each guess is a query."""
