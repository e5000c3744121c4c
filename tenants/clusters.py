"""Which PostgreSQL clusters there are, and on which one the work at hand makes and looks at schemas (ADR 0015)."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.conf import settings

# Where the registry stands, and everything else of the platform's. Also the one name by which all code asks for a connection.
DEFAULT: Final = "default"

_current: ContextVar[str] = ContextVar("stoa_cluster", default=DEFAULT)


def clusters() -> tuple[str, ...]:
    """Every cluster, the platform's own first."""
    return (DEFAULT, *sorted(alias for alias in settings.DATABASES if alias != DEFAULT))


def has_several() -> bool:
    """Whether there is more than one, so that people have to be told which."""
    return len(settings.DATABASES) > 1


def current_cluster() -> str:
    """Where schemas are made, looked at and dropped now, and whose outbox is kept. A tenant's own scope does not ask."""
    return _current.get()


@contextmanager
def on_cluster(alias: str) -> Generator[None]:
    """For the block, do what concerns schemas and the outbox on this cluster. The registry is where it always is.

    Raises:
        ValueError: there is no such cluster.
    """
    if alias not in settings.DATABASES:
        raise ValueError(f"There is no cluster {alias!r}: CLUSTERS names {', '.join(clusters()[1:]) or 'none'}.")
    token = _current.set(alias)
    try:
        yield
    finally:
        _current.reset(token)
