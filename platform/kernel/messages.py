"""What the outbox carries, an event or a job: a frozen dataclass of plain facts that every version of the code reads alike."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self, get_type_hints

from kernel.event_fields import FieldFormatError, Json, decode, encode

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MODULES = (".events", ".jobs")


class EventFormatError(ValueError):
    """A stored event or job does not fit the class that should read it."""


@dataclass(frozen=True)
class Message:
    """The base of events and jobs.

    `event_type` is its name in the database, by default made of app, class and `version`: `bookings.booking_confirmed.v1`.
    A field may be added with a default; for any other change raise `version`. When a class moves, pin the old `event_type`.
    """

    event_type: ClassVar[str]
    version: ClassVar[int] = 1

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "event_type" not in vars(cls):
            module = cls.__module__
            for ending in _MODULES:
                module = module.removesuffix(ending)
            cls.event_type = f"{module.rpartition('.')[2]}.{_WORD_START.sub('_', cls.__name__).lower()}.v{cls.version}"

    def to_payload(self) -> dict[str, Json]:
        """The fields as JSON values; raises `TypeError` for a value that messages do not carry."""
        return {field.name: encode(getattr(self, field.name)) for field in dataclasses.fields(self)}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Json]) -> Self:
        """What `to_payload` wrote, in this or an earlier version; unknown fields, from a later one, are left out."""
        hints = field_types(cls)
        try:
            return cls(**{name: decode(hints[name], value) for name, value in payload.items() if name in hints})
        except (FieldFormatError, TypeError) as error:
            raise EventFormatError(f"{cls.event_type}: {error}") from error


def field_types(message_class: type[Message]) -> dict[str, Any]:  # Any: types as written, for which Python has no type
    """The declared type of each field of `message_class`."""
    hints = get_type_hints(message_class)
    return {field.name: hints[field.name] for field in dataclasses.fields(message_class)}
