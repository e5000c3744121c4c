"""Finds out whether something between us and PostgreSQL mixes the search paths of its clients (DESIGN §2, T4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db import connection
from psycopg import Connection

from tenants.errors import TenancyError
from tenants.scope import platform_scope

_ROUNDS: Final = 4

Connect = Callable[[], Connection[Any]]  # Any: rows are tuples of whatever is selected


class UntrackedPooler(TenancyError):
    """A pooler in transaction mode that does not keep each client's `search_path`: half of the reads would be another's."""


def refuse_untracking_pooler(connect: Connect | None = None) -> None:
    """Let two connections set paths of their own in turn, and see whether each finds its own again.

    Two direct connections, session pooling and a PgBouncer that tracks `search_path` pass. Changes nothing that stays.

    Raises:
        UntrackedPooler: one connection found the other's path.
    """
    opened = connect or _connect
    with opened() as first, opened() as second:
        for number in range(_ROUNDS):
            ours, theirs = f"probe_{number}_a", f"probe_{number}_b"
            _stand_on(first, ours)
            _stand_on(second, theirs)
            if (_path(first), _path(second)) != (ours, theirs):
                raise UntrackedPooler(
                    "A pooler in transaction mode stands before PostgreSQL and mixes search paths. Connect directly, use"
                    " session pooling, or PgBouncer 1.25.1 or later with track_extra_parameters = search_path."
                )


def _connect() -> Connection[Any]:  # Any: as above
    with platform_scope(reason="probe the pooler"):
        parameters = connection.get_connection_params()
    named = {
        name: value for name, value in parameters.items() if name not in {"cursor_factory", "context", "prepare_threshold"}
    }
    return Connection.connect(**named, autocommit=True)


def _stand_on(one: Connection[Any], path: str) -> None:  # Any: as above
    one.execute("SELECT set_config('search_path', %s, false)", [path])


def _path(one: Connection[Any]) -> str:  # Any: as above
    row = one.execute("SELECT current_setting('search_path')").fetchone()
    return str(row[0]) if row else ""
