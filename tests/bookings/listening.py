"""A listener to every event of bookings, so that a test sees what was published by what lies in the outbox."""

from __future__ import annotations

from kernel.events import Event
from kernel.outbox.models import OutboxMessage
from tenant_apps.bookings import events
from tenants.scope import platform_scope


def hear(event: Event) -> None:
    """Nothing: the message itself is what tests look at."""


_HANDLER = "tests.bookings.listening.hear"

SUBSCRIPTIONS: dict[type, tuple[str, ...]] = {
    event: (_HANDLER,)
    for event in vars(events).values()
    if isinstance(event, type) and issubclass(event, events.BookingEvent) and event is not events.BookingEvent
}


def published() -> list[Event]:
    """The events in the outbox, in the order in which they were written."""
    by_type = {event.event_type: event for event in SUBSCRIPTIONS}
    with platform_scope(reason="test"):
        rows = list(OutboxMessage.objects.filter(handler=_HANDLER).order_by("created_at", "id"))
    return [by_type[row.event_type].from_payload(row.payload) for row in rows if row.event_type in by_type]
