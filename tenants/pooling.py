"""Finds out whether something between us and PostgreSQL mixes the settings of its clients (T4; ADR 0008)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import structlog
from django.db import connection
from psycopg import Connection, OperationalError

from tenants.clusters import clusters, on_cluster
from tenants.errors import TenancyError
from tenants.scope import cluster_scope

log = structlog.get_logger(__name__)

_ROUNDS: Final = 4
_REFUSAL: Final = (
    "A pooler in transaction mode stands before PostgreSQL and mixes what its clients set. Connect directly, or use session"
    " pooling."
)

Connect = Callable[[], Connection[Any]]  # Any: rows are tuples of whatever is selected


class UntrackedPooler(TenancyError):
    """A pooler in transaction mode: half of the reads would be another's.

    Also one that keeps each client's `search_path`: the role is not reported to it, and would be left behind.
    """


def refuse_untracking_pooler(connect: Connect | None = None) -> None:
    """Let two connections set a value of their own in turn, and see whether each finds its own again, on its own server.

    With many servers behind a pooler each client may keep its own by luck, so at the end the second one holds a transaction
    open: it takes the server that the first one has just left, and the first one is given another. Two direct connections and
    session pooling pass. Changes nothing that stays.

    Raises:
        UntrackedPooler: one connection found the other's value, or its server changed between two statements.
    """
    opened = connect or _connect
    with opened() as first, opened() as second:
        for number in range(_ROUNDS):
            ours, theirs = f"probe_{number}_a", f"probe_{number}_b"
            _set(first, ours)
            _set(second, theirs)
            if (_get(first), _get(second)) != (ours, theirs):
                raise UntrackedPooler(_REFUSAL)
        # Not before: where there is one server for both, the first would wait for the second's transaction.
        _refuse_changing_servers(first, second)


def refuse_to_start_behind_one() -> None:
    """The same question, as each process that serves tenants asks it: set-up may have gone another way to the database.

    A database that is away now is no reason: the process waits for it like any other, and set-up has asked.

    Raises:
        UntrackedPooler: as above; the process does not start.
    """
    for alias in clusters():
        try:
            with on_cluster(alias):
                refuse_untracking_pooler()
        except OperationalError as error:
            log.warning("pooler not asked, the database is away", cluster=alias, error=type(error).__name__)


def _refuse_changing_servers(first: Connection[Any], second: Connection[Any]) -> None:  # Any: as above
    before = _server(first)
    with second.transaction():
        _server(second)
        if _server(first) != before:
            raise UntrackedPooler(_REFUSAL)


def _server(one: Connection[Any]) -> int:  # Any: as above
    row = one.execute("SELECT pg_backend_pid()").fetchone()
    return int(row[0]) if row else 0


def _connect() -> Connection[Any]:  # Any: as above
    with cluster_scope(reason="probe the pooler"):
        parameters = connection.get_connection_params()
    named = {
        name: value for name, value in parameters.items() if name not in {"cursor_factory", "context", "prepare_threshold"}
    }
    return Connection.connect(**named, autocommit=True)


def _set(one: Connection[Any], value: str) -> None:  # Any: as above
    # A setting that no pooler has heard of.
    one.execute("SELECT set_config('stoa.probe', %s, false)", [value])


def _get(one: Connection[Any]) -> str:  # Any: as above
    row = one.execute("SELECT current_setting('stoa.probe', true)").fetchone()
    return str(row[0]) if row else ""
