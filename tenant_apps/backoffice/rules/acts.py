"""Which buttons a booking's page has."""

from __future__ import annotations

from datetime import datetime

from kernel.actor import Actor
from tenant_apps.backoffice.types import BookingActs
from tenant_apps.bookings.types import BookingStatus

_S = BookingStatus


def acts_on(
    *, status: str, starts_at: datetime, ends_at: datetime, due_at: datetime | None, is_own: bool, actor: Actor, now: datetime
) -> BookingActs:
    """What the services would allow this actor at `now`, so that no button leads to a refusal.

    The services decide again when it is pressed: this only keeps the page honest.
    """
    may_decide = actor.can("bookings.confirm") or (is_own and actor.can("bookings.confirm_own"))
    may_cancel = actor.can("bookings.cancel") or (is_own and actor.can("bookings.cancel_own"))
    is_waiting = status == _S.PENDING and (due_at is None or due_at > now)
    has_begun = starts_at <= now
    return BookingActs(
        can_confirm=may_decide and is_waiting,
        can_decline=may_decide and is_waiting,
        can_cancel=may_cancel and status == _S.CONFIRMED and now < ends_at,
        can_complete=may_decide and has_begun and status in {_S.CONFIRMED, _S.NO_SHOW},
        can_mark_no_show=may_decide and has_begun and status in {_S.CONFIRMED, _S.COMPLETED},
    )
