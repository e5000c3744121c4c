"""Several statements in one round trip, told apart: psycopg's cursor says that one of them failed, and not which one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import Error as DatabaseFailure
from psycopg import errors, generators
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

_GOOD = frozenset({ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK})


@dataclass(frozen=True, slots=True)
class Outcome:
    """The results of the statements that ran, in order; `error` is what ended the one after them, as Django has it."""

    results: Sequence[PGresult]
    error: DatabaseFailure | None = None


def run_at_once(
    connection: psycopg.Connection[Any],  # Any: rows are of no kind here
    statements: Sequence[str],
) -> tuple[list[PGresult], psycopg.Error | None]:
    """The results up to the first error, and that error. Each text must be one statement, without parameters."""
    # On a line of its own: a statement may end in a comment. After one that ends in a semicolon it adds nothing.
    text = "\n;".join(statements)
    try:
        connection.pgconn.send_query(text.encode())
        results = connection.wait(generators.execute(connection.pgconn))
    except psycopg.Error as error:
        return [], error
    for place, result in enumerate(results):
        if result.status not in _GOOD:
            return results[:place], errors.error_from_result(result)
    return results, None
