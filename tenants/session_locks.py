"""Advisory locks that outlive transactions, in the platform's namespace (R23: they are database-wide).

They belong to a session of PostgreSQL. Where that is the connection that works under the lock, it is kept for the block: a
statement after its end raises `SessionLost` instead of running without the lock on a new connection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from typing import cast

from django.db import DatabaseError, InterfaceError
from django.db import connection as _connection

from tenants.backend.base import DatabaseWrapper
from tenants.clusters import DEFAULT
from tenants.scope import cluster_scope, platform_scope

connection = cast("DatabaseWrapper", _connection)


@contextmanager
def holding(what: str) -> Generator[None]:
    """Hold the lock on `what` for the block, waiting for whoever has it. It outlives transactions, not the connection."""
    with _keeping_session(what):
        with platform_scope(reason=f"lock {what}"), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_key(what)])
        try:
            yield
        finally:
            _unlock(connection, what)


@contextmanager
def trying(what: str, *, database: str = DEFAULT) -> Generator[bool]:
    """Hold the lock on `what` for the block if nobody has it; yields whether it is held.

    PostgreSQL lets go of it when the connection's last statement is over, also that of a killed process: the connection to
    the cluster `database`, which is that of the work whose last statement is to be waited for.
    """
    with _keeping_session(what, database):
        held = _try(connection, what, database)
        try:
            yield held
        finally:
            if held:
                _unlock(connection, what, database)


@contextmanager
def trying_apart(what: str) -> Generator[bool]:
    """As `trying`, on a session of its own: for a block of many things, some of which may close or break the connection."""
    with platform_scope(reason=f"lock {what} apart"):
        apart = connection.copy()
    try:
        held = _try(apart, what)
        try:
            yield held
        finally:
            # Its end alone gives the lock back too, but only once the server has noticed: after the next has asked.
            if held:
                _unlock(apart, what)
    finally:
        apart.close()


@contextmanager
def holding_apart(what: str) -> Generator[None]:
    """Hold the lock on `what`, which nobody else knows of yet, on a session of its own: it ends with this process."""
    with trying_apart(what) as held:
        if not held:
            raise RuntimeError(f"The lock on {what} is somebody's already.")
        yield


def _keeping_session(what: str, database: str = DEFAULT) -> AbstractContextManager[None]:
    with cluster_scope(reason=f"session of the lock {what}", database=database):
        # That cluster's connection, whatever scope the block is in.
        return connection.keeping_session(f"lock on {what}")


def _try(by: DatabaseWrapper, what: str, database: str = DEFAULT) -> bool:
    with cluster_scope(reason=f"try lock {what}", database=database), by.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_key(what)])
        return bool(cursor.fetchone()[0])


def _unlock(by: DatabaseWrapper, what: str, database: str = DEFAULT) -> None:
    with cluster_scope(reason=f"unlock {what}", database=database):
        if by.connection is None:
            return
        try:
            with by.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_key(what)])
        except (DatabaseError, InterfaceError):
            # A connection that was lost meanwhile has given its locks back already, and nothing ran since.
            if by.is_usable():
                raise


def _key(what: str) -> int:
    digest = hashlib.sha256(f"platform:provisioning:{what}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
