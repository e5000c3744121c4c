"""Finds out whether something between us and PostgreSQL mixes the settings of its clients (DESIGN §2, T4; ADR 0008)."""

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
    """A pooler in transaction mode: half of the reads would be another's.

    Also one that keeps each client's `search_path`: the role is not reported to it, and would be left behind.
    """


def refuse_untracking_pooler(connect: Connect | None = None) -> None:
    """Let two connections set a value of their own in turn, and see whether each finds its own again.

    Two direct connections and session pooling pass. Changes nothing that stays.

    Raises:
        UntrackedPooler: one connection found the other's value.
    """
    opened = connect or _connect
    with opened() as first, opened() as second:
        for number in range(_ROUNDS):
            ours, theirs = f"probe_{number}_a", f"probe_{number}_b"
            _set(first, ours)
            _set(second, theirs)
            if (_get(first), _get(second)) != (ours, theirs):
                raise UntrackedPooler(
                    "A pooler in transaction mode stands before PostgreSQL and mixes what its clients set. Connect"
                    " directly, or use session pooling."
                )


def _connect() -> Connection[Any]:  # Any: as above
    with platform_scope(reason="probe the pooler"):
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
