"""Whether a time is on offer at all, and what to offer to somebody who was too slow."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from tenant_apps.availability.selectors import explain_limits_of_day, explain_time, get_nearest_slots
from tenant_apps.availability.types import BookableService, Reason
from tenant_apps.bookings.errors import NotBookable, SlotNotOffered, SlotTaken
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.services.writing import lock_providers
from tenant_apps.catalog.types import ServiceDetails

_ALTERNATIVES: Final = 3

# Reasons that are somebody else's doing: the time was on offer a moment ago.
_TAKEN: Final = frozenset({Reason.BOOKED, Reason.HELD, Reason.CALENDAR_BUSY, Reason.BUFFER})


def require_bookable(service: ServiceDetails) -> None:
    """Raise NotBookable unless the service is live and its provider takes new customers (BOOKING row 9)."""
    if not service.is_bookable:
        raise NotBookable(_("This service cannot be booked at the moment."))


def require_offered(service: BookableService, starts_at: datetime, *, now: datetime, ignoring: Booking | None = None) -> None:
    """Raise SlotTaken or SlotNotOffered, with the nearest free times, unless `starts_at` is a free slot of `service`.

    `ignoring` is the customer's own hold or booking, which must not stand in their way (BOOKING row 4).
    """
    ignored = _ignored(ignoring)
    explanation = explain_time(service=service, at=starts_at, now=now, ignoring=ignored)
    # A slot is named by a whole second; anything finer was made up.
    if explanation.reason is Reason.OFFERED and not starts_at.microsecond:
        return
    if explanation.reason in _TAKEN:
        raise slot_taken(service, starts_at, now=now, ignoring=ignoring)
    alternatives = nearest_free(service, starts_at, now=now, ignoring=ignoring)
    raise SlotNotOffered(explanation.sentence, reason=explanation.reason, alternatives=alternatives)


def require_room_on_day(
    service: BookableService, starts_at: datetime, *, now: datetime, ignoring: Booking | None = None
) -> None:
    """Take the provider's lock and raise SlotNotOffered unless day and week of `starts_at` have room for one more.

    Inside the transaction that takes the time. Where the service has no limit: nothing, not even the lock. The rules of
    `require_offered` that another booking can break are held by constraints; these two can only be counted.
    """
    if service.max_per_day is None and service.max_per_week is None:
        return
    lock_providers(service.provider.pk)
    found = explain_limits_of_day(service=service, at=starts_at, now=now, ignoring=_ignored(ignoring))
    if found.reason is not Reason.OFFERED:
        alternatives = nearest_free(service, starts_at, now=now, ignoring=ignoring)
        raise SlotNotOffered(found.sentence, reason=found.reason, alternatives=alternatives)


def slot_taken(service: BookableService, starts_at: datetime, *, now: datetime, ignoring: Booking | None = None) -> SlotTaken:
    """The answer for the loser of a race: what happened, and the nearest free times."""
    alternatives = nearest_free(service, starts_at, now=now, ignoring=ignoring)
    if alternatives:
        return SlotTaken(_("This time has just been taken. These are the nearest free ones."), alternatives=alternatives)
    return SlotTaken(_("This time has just been taken, and no other one is free at the moment."))


def nearest_free(
    service: BookableService, starts_at: datetime, *, now: datetime, ignoring: Booking | None = None
) -> tuple[datetime, ...]:
    """Up to three free starts nearest to `starts_at`, in order."""
    found = get_nearest_slots(service=service, at=starts_at, count=_ALTERNATIVES, now=now, ignoring=_ignored(ignoring))
    return tuple(slot.starts_at for slot in found)


def _ignored(booking: Booking | None) -> tuple[UUID, ...]:
    return () if booking is None else (booking.public_id,)
