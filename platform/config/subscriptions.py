"""The one table of who reacts to what: event class → handlers (dotted paths), run in a worker inside the event's scope."""

from __future__ import annotations

from kernel.events import Event

SUBSCRIPTIONS: dict[type[Event], tuple[str, ...]] = {}
