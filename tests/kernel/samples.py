"""Events and handlers for the outbox's tests; named by path in the settings, as the real ones are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from uuid import UUID

from kernel.events import Event
from kernel.outbox.upkeep import rings
from tenants.scope import require_scope


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Size(Enum):
    SMALL = 1
    LARGE = 2


@dataclass(frozen=True)
class KettleBoiled(Event):
    """Heard by one handler."""

    kettle_id: UUID
    boiled_at: datetime
    cups: int = 1


@dataclass(frozen=True)
class KettleBroke(Event):
    """Heard by two handlers."""

    kettle_id: UUID


@dataclass(frozen=True)
class NobodyCares(Event):
    """In the table, without handlers."""


@dataclass(frozen=True)
class Everything(Event):
    """One field of each kind."""

    event_type = "samples.all_kinds.v3"

    an_id: UUID
    a_moment: datetime
    a_day: date
    a_number: int
    a_text: str
    a_switch: bool
    a_colour: Colour
    a_size: Size
    perhaps: int | None
    many: tuple[UUID, ...]
    pair: tuple[str, date | None]


SUBSCRIPTIONS: dict[type, tuple[str, ...]] = {
    KettleBoiled: ("tests.kernel.samples.pour_tea",),
    KettleBroke: ("tests.kernel.samples.pour_tea", "tests.kernel.samples.call_the_plumber"),
    NobodyCares: (),
}

calls: list[tuple[str, Event, str]] = []
"""What was handled: by whom, what, and in which scope."""

rung: list[UUID] = []
"""The messages that the doorbell was rung for."""

shards_rung: list[int] = []
"""The shards whose doorbell rang."""

misbehave: list[Callable[[], object]] = []
"""What the handlers do besides noting the call."""


def forget() -> None:
    calls.clear()
    rung.clear()
    shards_rung.clear()
    misbehave.clear()
    rings.forget()


def pour_tea(event: Event) -> None:
    _handle("pour_tea", event)


def call_the_plumber(event: Event) -> None:
    _handle("call_the_plumber", event)


def note_ring(message_ids: list[UUID], *, shard: int) -> None:
    require_scope()
    rung.extend(message_ids)
    shards_rung.append(shard)


def _handle(name: str, event: Event) -> None:
    calls.append((name, event, require_scope().key))
    for act in misbehave:
        act()
