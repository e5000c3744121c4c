"""Advisory locks of the provisioning machinery, in the platform's namespace (R23: they are database-wide)."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager

from django.db import connection

from tenants.scope import platform_scope


@contextmanager
def holding(what: str) -> Generator[None]:
    """Hold the lock on `what` for the block, waiting for whoever has it. It outlives transactions, not the connection."""
    key = _key(what)
    with platform_scope(reason=f"lock {what}"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        yield
    finally:
        _unlock(what, key)


@contextmanager
def trying(what: str) -> Generator[bool]:
    """Hold the lock on `what` for the block if nobody has it; yields whether it is held."""
    key = _key(what)
    with platform_scope(reason=f"try lock {what}"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held:
            _unlock(what, key)


def _unlock(what: str, key: int) -> None:
    # A connection that was lost meanwhile has given its locks back already.
    if connection.is_usable():
        with platform_scope(reason=f"unlock {what}"), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _key(what: str) -> int:
    digest = hashlib.sha256(f"platform:provisioning:{what}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
