"""Who asked for what is done later and elsewhere: a request's id and its actor, carried along for the log (R59)."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from typing import Final, Self

import structlog


@dataclass(frozen=True, slots=True)
class Origin:
    """As they stand in log lines; empty where nobody in particular asked."""

    request_id: str = ""
    actor: str = ""

    @classmethod
    def of(cls, carried: Mapping[str, object]) -> Self:
        """From what something carries, other things included."""
        return cls(**{name: str(carried.get(name) or "") for name in _NAMES})


_NAMES: Final = tuple(field.name for field in fields(Origin))
NOBODY: Final = Origin()


def current_origin() -> Origin:
    """Whose work this is by what the log says here."""
    return Origin.of(structlog.contextvars.get_contextvars())


@contextmanager
def on_behalf_of(origin: Origin) -> Generator[None]:
    """Log lines of the block name `origin`, and not whoever rang or worked before; so does what it publishes or sends."""
    before = current_origin()
    _name(origin)
    try:
        yield
    finally:
        _name(before)


def _name(origin: Origin) -> None:
    structlog.contextvars.unbind_contextvars(*_NAMES)
    structlog.contextvars.bind_contextvars(**{name: value for name, value in asdict(origin).items() if value})
