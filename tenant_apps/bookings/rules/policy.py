"""Until when: how long a hold and a request stand, and what a customer may still change by themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from tenant_apps.bookings.types import BookingStatus, Terms

HOLD_LIFE: Final = timedelta(minutes=10)
REQUEST_LIFE: Final = timedelta(days=6)
"""How long a provider may think it over. A week is the life of an authorised card payment; a day is kept in hand."""

REQUEST_LEAD: Final = timedelta(hours=3)
"""How long before its time a request lapses; less where it is asked less than twice that ahead."""

LINK_LIFE: Final = timedelta(days=180)
"""How long after a booking is closed its link still shows it: long enough to look something up, not for ever (a link in an
old mail is a name, an address and a telephone number to whoever finds it)."""

_COMPLETES_AFTER: Final = timedelta(hours=12)
"""Time for a provider to say that nobody came, before a booking counts as done."""

_OPEN: Final = frozenset({BookingStatus.PENDING, BookingStatus.CONFIRMED})


def hold_expires_at(now: datetime) -> datetime:
    return now + HOLD_LIFE


def request_expires_at(*, requested_at: datetime, starts_at: datetime, now: datetime) -> datetime:
    """When an unanswered request for `starts_at` lapses: after REQUEST_LIFE, but always before its time begins.

    The customer needs to know in time to set out, or to find somebody else: REQUEST_LEAD before it begins; where it is less
    than twice that until then, at half of the time from `now`, so that the provider has as long to answer.
    """
    lead = min(REQUEST_LEAD, (starts_at - now) / 2)
    return min(requested_at + REQUEST_LIFE, starts_at - lead)


def completes_at(ends_at: datetime) -> datetime:
    """When a confirmed booking counts as done by itself."""
    return ends_at + _COMPLETES_AFTER


def has_link_ended(closed_at: datetime | None, now: datetime) -> bool:
    """Whether the manage link of a booking that was closed at `closed_at` shows it no more."""
    return closed_at is not None and now >= closed_at + LINK_LIFE


def terms_of(*, status: str, starts_at: datetime, cancel_notice_minutes: int, now: datetime) -> Terms:
    """What the customer may still do.

    A request that nobody has agreed to yet can be withdrawn or moved until it begins. A confirmed booking can be moved
    until the deadline. It can be cancelled until it begins: somebody who cannot come should be able to say so, and the
    hour comes free; after the deadline it counts as late.
    """
    deadline_at = starts_at - timedelta(minutes=cancel_notice_minutes)
    is_open = status in _OPEN and now < starts_at
    is_agreed = status == BookingStatus.CONFIRMED
    is_notice_over = now > deadline_at
    is_late = is_open and is_agreed and is_notice_over
    return Terms(
        deadline_at=deadline_at,
        can_cancel=is_open,
        can_move=is_open and not is_late,
        is_late=is_late,
        is_notice_over=is_notice_over,
    )
