"""Where code says what it spends time on. Nobody listens, and nothing is made, unless a tracer was installed."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol

Attributes = Mapping[str, str | int | bool]


class Span(Protocol):
    """A piece of work that is being timed."""

    def note(self, **attributes: str | int | bool) -> None:
        """Say more about it; dots in names are written as two underscores."""


class Tracer(Protocol):
    """What is told of each piece of work (integrations.telemetry)."""

    def span(self, name: str, kind: str, attributes: Attributes) -> AbstractContextManager[Span]:
        """Times the block. An exception that leaves it is noted by its class alone."""


class _Silent:
    def note(self, **_attributes: str | int | bool) -> None:
        """Nobody listens."""


_SILENT: Final = _Silent()
_NOTHING: Final = nullcontext(_SILENT)
_tracer: Tracer | None = None


def install(tracer: Tracer | None) -> None:
    """Tell `tracer` from now on, in this process; or nobody again."""
    global _tracer  # noqa: PLW0603  # one for the process, as its logging is
    _tracer = tracer


def is_on() -> bool:
    """Whether somebody listens: what is dear to find out need not be found out otherwise."""
    return _tracer is not None


def span(name: str, *, kind: str = "internal", attributes: Attributes | None = None) -> AbstractContextManager[Span]:
    """Time the block, which `name` calls by a word that is the same for many; `kind` is server, consumer, client or internal.

    Neither names nor attributes may hold what people typed, secrets, or parameters of statements: they leave the house.
    """
    return _NOTHING if _tracer is None else _tracer.span(name, kind, attributes or {})
