"""From a stored message back to the function that handles it, what it takes, and the limits it is handled under."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.utils.module_loading import import_string

from kernel import wiring
from kernel.jobs import Kind, kinds
from kernel.messages import EventFormatError, Message
from kernel.outbox.models import OutboxMessage
from kernel.outbox.rules import RetryPolicy, configured_policy

type Handler = Callable[[Any], object]  # Any: each handler takes its own class of events or jobs

_USUAL_LEASE_SECONDS = 15


def usual_lease_seconds() -> int:
    """How long a message is leased at least (setting `OUTBOX_LEASE_SECONDS`)."""
    return wiring.number("OUTBOX_LEASE_SECONDS", _USUAL_LEASE_SECONDS)


def lease_seconds_of(message: OutboxMessage) -> int:
    """How long it is leased: its handler may run for so long before its worker counts as lost."""
    return longer_leases().get(message.event_type, usual_lease_seconds())


def longer_leases() -> dict[str, int]:
    """How long jobs are leased whose kind asks for more than usual, by the name that their messages carry."""
    usual = usual_lease_seconds()
    return {job.event_type: kind.lease_seconds for job, kind in kinds().items() if kind.lease_seconds > usual}


def policy_for(message: OutboxMessage) -> RetryPolicy:
    """How patient the relay is with it: the kind says for a job, the settings for events."""
    kind = _kind_of(message)
    return kind.policy if kind else configured_policy()


class UnknownHandler(LookupError):
    """The tables of this version of the code do not give the message to the handler that it names."""


def load_handler(message: OutboxMessage) -> Handler:
    """The function that `message` names. Only the tables decide what a worker runs: a row may hold what anybody wrote.

    Raises:
        EventFormatError, UnknownHandler, ImportError: this version of the code has no such event or handler. Ordinary
            failures, tried again later: while a deployment runs, old workers meet new messages.
    """
    if message.handler not in _handlers_of(_class_of(message)):
        raise UnknownHandler(f"{message.event_type} is not given to {message.handler}")
    handler: Handler = import_string(message.handler)
    return handler


def load_event(message: OutboxMessage) -> Message:
    """The event or job in `message`; raises `EventFormatError` when this version of the code does not know or read it."""
    return _class_of(message).from_payload(message.payload)


def _class_of(message: OutboxMessage) -> type[Message]:
    for message_class in (*wiring.subscriptions(), *kinds()):
        if issubclass(message_class, Message) and message_class.event_type == message.event_type:
            return message_class
    raise EventFormatError(f"this code knows no event or job {message.event_type}")


def _handlers_of(message_class: type[Message]) -> Collection[str]:
    kind = kinds().get(message_class)
    return (kind.handler,) if kind else wiring.subscriptions()[message_class]


def _kind_of(message: OutboxMessage) -> Kind | None:
    """None for an event, and for a job that this version of the code does not know."""
    return next((kind for job_class, kind in kinds().items() if job_class.event_type == message.event_type), None)
