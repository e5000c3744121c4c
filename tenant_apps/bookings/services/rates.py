"""How often one visitor, and all of them together, may take time or letters: a flood must not fill calendars or inboxes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kernel.errors import Throttled
from tenants.rates import Rate, count
from tenants.scope import platform_scope

BOOKINGS: Final = Rate("bookings", 20, 600)
"""Bookings that one visitor may try."""
ALL_BOOKINGS: Final = Rate("all-bookings", 600, 600)
"""Those of all visitors of the marketplace together."""
HOLDS: Final = Rate("holds", 40, 600)
"""Times that one visitor may choose; each is kept from others for minutes, so these are what empties a calendar."""
ALL_HOLDS: Final = Rate("all-holds", 1200, 600)
"""Those of all visitors of the marketplace together."""
LINKS: Final = Rate("links", 10, 3600)
"""Letters with links that one visitor may ask for."""
LINKS_TO: Final = Rate("links-to", 5, 3600)
"""Those that are sent to one address, whoever asks: nobody's inbox is filled from here."""
LINKS_TO_ANYWHERE: Final = Rate("links-to", 20, 3600)
"""Those of all marketplaces together. More, so that who asks at one does not use up what is left at another."""
ALL_LINKS: Final = Rate("all-links", 600, 3600)
"""Those of all visitors of the marketplace together."""

_ALL: Final = "all"


def booking_rates(visitor: str) -> Iterator[tuple[Rate, str]]:
    """What a try to book counts towards. `visitor` is a guest's address, or the account of somebody signed in."""
    yield BOOKINGS, visitor
    yield ALL_BOOKINGS, _ALL


def count_booking(visitor: str) -> None:
    """Count a try to book, from a page or otherwise.

    Raises:
        Throttled: it is one too many; says when to try again.
    """
    for rate, who in booking_rates(visitor):
        count(rate, who)


def count_hold(visitor: str) -> None:
    """Count a choice of a time.

    Raises:
        Throttled: as above.
    """
    count(HOLDS, visitor)
    count(ALL_HOLDS, _ALL)


def count_links(visitor: str) -> None:
    """Count an asking for the links to what was booked.

    Raises:
        Throttled: as above.
    """
    count(LINKS, visitor)
    count(ALL_LINKS, _ALL)


def may_write_to(address: str) -> bool:
    """Count a letter with links to `address`, here and on the whole platform; whether it may still be sent.

    No refusal: it would tell whoever asks what others have asked for, and close the page to the address's owner.
    """
    try:
        count(LINKS_TO, address)
        with platform_scope(reason="letters to one address"):
            count(LINKS_TO_ANYWHERE, address)
    except Throttled:
        return False
    return True
