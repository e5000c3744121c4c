"""What happened, told to whoever listens: written with the change itself, delivered after it, at least once (R30)."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self, get_type_hints

from django.db import transaction

from kernel import clock, wiring
from kernel.event_fields import FieldFormatError, Json, decode, encode
from kernel.ids import new_id

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Nobody but the platform may write to the outbox itself: the door takes the tenant from the role that the caller stands in.
_PUBLISH = "SELECT doors.publish_event(%s, %s, %s, %s::jsonb, %s)"


class NotInTransaction(RuntimeError):
    """An event was published outside of a transaction: it could be sent though the change it tells of never happened."""


class EventFormatError(ValueError):
    """A stored event does not fit the class that should read it."""


@dataclass(frozen=True)
class Event:
    """The base of all events: a frozen dataclass, named in the past tense, of ids and plain facts.

    `event_type` is its name in the database, by default made of app, class and `version`: `bookings.booking_confirmed.v1`.
    A field may be added with a default; for any other change raise `version`. When a class moves, pin the old `event_type`.
    """

    event_type: ClassVar[str]
    version: ClassVar[int] = 1

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "event_type" not in vars(cls):
            app = cls.__module__.removesuffix(".events").rpartition(".")[2]
            cls.event_type = f"{app}.{_WORD_START.sub('_', cls.__name__).lower()}.v{cls.version}"

    def to_payload(self) -> dict[str, Json]:
        """The fields as JSON values; raises `TypeError` for a value that events do not carry."""
        return {field.name: encode(getattr(self, field.name)) for field in dataclasses.fields(self)}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Json]) -> Self:
        """The event that `to_payload` wrote, in this or an earlier version; unknown fields, from a later one, are left out."""
        hints = field_types(cls)
        try:
            return cls(**{name: decode(hints[name], value) for name, value in payload.items() if name in hints})
        except (FieldFormatError, TypeError) as error:
            raise EventFormatError(f"{cls.event_type}: {error}") from error


def field_types(event_class: type[Event]) -> dict[str, Any]:  # Any: types as written, for which Python has no type
    """The declared type of each field of `event_class`."""
    hints = get_type_hints(event_class)
    return {field.name: hints[field.name] for field in dataclasses.fields(event_class)}


def publish(event: Event) -> None:
    """Write `event` to the outbox, one row per subscribed handler, in the current transaction and for the tenant in scope.

    The rows exist if and only if the change they tell of does. After the commit the doorbell rings; a ring that fails is
    logged, not raised, since the sweep finds the rows anyway. No order is promised between events or handlers.

    Raises `NotInTransaction` outside of `transaction.atomic()`.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{event.event_type} must be published in the transaction that makes it true")
    wiring.tenant_id()  # refuses a scope whose events would be nobody's
    rows = _rows(event)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_PUBLISH, rows)
    transaction.on_commit(partial(wiring.ring_doorbell, [row[0] for row in rows]), robust=True)


def _rows(event: Event) -> list[tuple[Any, ...]]:  # Any: one row's values, in the order of _PUBLISH
    handlers = wiring.subscriptions().get(type(event), ())
    payload, now = json.dumps(event.to_payload()), clock.now()
    return [(new_id(), event.event_type, handler, payload, now) for handler in handlers]
