"""The words that the APIs of both hosts share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` requests in each window of `seconds`, counted under `name`."""

    name: str
    limit: int
    seconds: int


OPEN: Final = Access(is_open=True)
LINK_HEADER: Final = "Booking-Token"
