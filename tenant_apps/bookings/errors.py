"""What can stand in the way of a booking."""

from __future__ import annotations

from datetime import datetime

from django.utils.functional import Promise

from kernel.errors import Conflict, Invalid, NotFound


class SlotTaken(Conflict):
    """Somebody else was first. `alternatives` are the nearest free starts, in order; empty when none is near."""

    code = "slot_taken"

    def __init__(self, message: str | Promise, *, alternatives: tuple[datetime, ...] = (), field: str | None = "slot") -> None:
        super().__init__(message, field=field)
        self.alternatives = alternatives


class SlotNotOffered(Invalid):
    """The service cannot be booked at this time, whoever asks. `reason` names the rule (availability's `Reason`)."""

    code = "slot_not_offered"

    def __init__(
        self,
        message: str | Promise,
        *,
        reason: str,
        alternatives: tuple[datetime, ...] = (),
        field: str | None = "slot",
    ) -> None:
        super().__init__(message, field=field)
        self.reason = reason
        self.alternatives = alternatives


class WrongState(Conflict):
    """The booking is in another state than the one this needs; `status` is the one it is in."""

    code = "booking_state"

    def __init__(self, message: str | Promise, *, status: str, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.status = status


class TooLate(Conflict):
    """The customer's own time for this has run out; the provider or the organization can still do it."""

    code = "too_late"


class InvalidCustomer(Invalid):
    """A name, an address or a number that cannot be one."""

    code = "invalid_customer"


class NoSuchBooking(NotFound):
    """No booking that this actor may know of."""

    code = "no_such_booking"


class LinkEnded(NoSuchBooking):
    """The link was right, but its booking has been closed for long."""

    code = "link_ended"


class NotBookable(Conflict):
    """The service or its provider takes no bookings now."""

    code = "not_bookable"


class AttemptSpent(Conflict):
    """The key of this attempt has already led to a booking of another time: a new attempt needs a new key."""

    code = "attempt_spent"


class TooEarly(Conflict):
    """This can only be said of a booking that has begun."""

    code = "too_early"
