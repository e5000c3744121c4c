"""What the inbox refuses, and how an applier says that an object is nobody's."""

from __future__ import annotations

from kernel.errors import Conflict, NotFound, PermanentFailure


class NobodysObject(PermanentFailure):
    """The object is at Stripe, and belongs to nobody whom we know (any more): its events go into quarantine."""


class EventNotFound(NotFound):
    """The inbox has no such event."""

    code = "webhook_event_not_found"


class EventUnderWay(Conflict):
    """The event waits for a worker already: there is nothing to replay."""

    code = "webhook_event_under_way"
