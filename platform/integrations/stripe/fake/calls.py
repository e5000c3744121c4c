"""One request on its way through: who answers it is said by the tables of the resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from integrations.stripe.fake.params import Params
from integrations.stripe.fake.refusals import Obj
from integrations.stripe.fake.unit import Unit


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler is given: its unit of work, the parameters, and the ids in the address."""

    unit: Unit
    params: Params
    ids: tuple[str, ...] = ()
    base_url: str = ""


@dataclass(slots=True)
class Found:
    """Objects for a list, the newest first, before it is cut into pages."""

    kind: str
    ids: list[str] = field(default_factory=list)
    # Where the objects are parts of another one, themselves.
    parts: list[Obj] | None = None


type Handler = Callable[[Call], Obj | Found]
type Routes = Mapping[tuple[str, str], Handler]
"""By method and address below `/v1/`, with `*` for an id."""


def match(routes: Routes, method: str, path: str) -> tuple[Handler, tuple[str, ...]] | None:
    """The handler for an address, and the ids in it."""
    segments = path.split("/")
    for (wanted, pattern), handler in routes.items():
        parts = pattern.split("/")
        if wanted != method or len(parts) != len(segments):
            continue
        if all(part in {"*", segment} for part, segment in zip(parts, segments, strict=True)):
            return handler, tuple(segment for part, segment in zip(parts, segments, strict=True) if part == "*")
    return None
