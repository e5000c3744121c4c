"""What can be refused on the walk."""

from __future__ import annotations

from kernel.errors import DomainError, NotFound


class EntryRefused(DomainError):
    """The code opens nothing: used, too old, or meant for another host or browser. Which one is not told."""

    code = "entry_refused"
    http_status = 403


class NotYourMarketplace(NotFound):
    """No such marketplace, or it is somebody else's; the two look alike."""

    code = "not_your_marketplace"
