"""Lets what a handler writes count only while its lease does: a worker that slept through it commits nothing (F13)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction

_HOLD = "SELECT doors.hold_lease(%s, %s)"


class LeaseLost(Exception):
    """Another worker has the message by now, or nobody: nothing that this one still wants to write may count."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a message, as long as its row still has this token."""

    message_id: UUID
    token: int


_current: ContextVar[Lease | None] = ContextVar("outbox_lease", default=None)


@contextmanager
def working_under(lease: Lease) -> Iterator[None]:
    """Make `lease` the one that `guarded` asks for."""
    token = _current.set(lease)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def guarded() -> Iterator[None]:
    """A transaction that commits only under the lease of the message being handled; nobody takes the lease while it runs.

    For handlers whose effect must not come late. Keep it short, and the network outside of it.

    Raises:
        LeaseLost: the lease is somebody else's; nothing was written.
        RuntimeError: no message is being handled.
    """
    lease = _current.get()
    if lease is None:
        raise RuntimeError("guarded() stands in the handler of an event or a job")
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, [lease.message_id, lease.token])
            (held,) = cursor.fetchone() or (False,)
        if not held:
            raise LeaseLost(f"{lease.message_id} is not held under the token {lease.token}")
        yield
