"""From a stored message back to the function that handles it and the event that it takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.module_loading import import_string

from kernel import wiring
from kernel.events import Event, EventFormatError
from kernel.outbox.models import OutboxMessage

type Handler = Callable[[Any], object]  # Any: each handler takes its own event class

_LEASE_ATTRIBUTE = "outbox_lease_seconds"
_USUAL_LEASE_SECONDS = 15


def long_running[H: Handler](*, lease_seconds: int) -> Callable[[H], H]:
    """Mark a handler that may run longer than the usual lease, so that nobody takes its message for abandoned.

    Keep it short all the same: after a crash the message waits for the rest of the lease.
    """

    def mark(handler: H) -> H:
        setattr(handler, _LEASE_ATTRIBUTE, lease_seconds)
        return handler

    return mark


def usual_lease_seconds() -> int:
    """How long a message is leased at first (setting `OUTBOX_LEASE_SECONDS`)."""
    return wiring.number("OUTBOX_LEASE_SECONDS", _USUAL_LEASE_SECONDS)


def lease_seconds_of(handler: Handler) -> int:
    """How long `handler` may run before its worker counts as lost."""
    return int(getattr(handler, _LEASE_ATTRIBUTE, usual_lease_seconds()))


def load_handler(message: OutboxMessage) -> Handler:
    """The function that `message` names; raises `ImportError` when this version of the code has none of the name."""
    handler: Handler = import_string(message.handler)
    return handler


def load_event(message: OutboxMessage) -> Event:
    """The event in `message`; raises `EventFormatError` when this version of the code does not know or cannot read it.

    That is an ordinary failure, tried again later: while a deployment runs, old workers meet new events.
    """
    for event_class in wiring.subscriptions():
        if issubclass(event_class, Event) and event_class.event_type == message.event_type:
            return event_class.from_payload(message.payload)
    raise EventFormatError(f"this code knows no event {message.event_type}")
