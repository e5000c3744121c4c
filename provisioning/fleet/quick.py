"""The quick way through a plan that is one replay: a tenant in three round trips, each of them made of SQL that is known.

It does what `moving` does with each tenant, in the same order and in one transaction, and leaves to `moving` every schema
that it does not know by sight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, cast

from django.db import connection as _connection
from django.db import transaction
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGresult

from provisioning.errors import StatementFailed
from provisioning.fleet.ddl import limits_sql, record_sql
from provisioning.fleet.failing import sentence
from provisioning.fleet.fingerprint import GLANCE, known_print
from provisioning.fleet.moves import Move, prepare_moves
from provisioning.fleet.plan import Plan
from provisioning.fleet.prepared import prepare
from tenants.backend.base import DatabaseWrapper
from tenants.clusters import DEFAULT
from tenants.context import OwnerScope, SchemaScope
from tenants.scope import owner_scope

connection = cast("DatabaseWrapper", _connection)

_REASON: Final = "fleet migration"


def replay_at_once(move: Move, plan: Plan, *, target: str, seconds: int) -> bool:
    """Bring the tenant to `target` in one transaction of at most `seconds`; whether it could.

    Where its schema is not one that is known, or is on another cluster than the registry, nothing is done.

    Raises:
        LeaseLost: somebody else took it.
        StatementFailed, DatabaseError: as the database has it; nothing is left of the try.
    """
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("A tenant is brought along in a transaction of its own.")
    if move.database != DEFAULT:
        # What holds and finishes a move stands on the platform's cluster, and one round trip reaches one server.
        return False
    (stage,) = plan.stages
    with owner_scope(reason=_REASON):
        prepare_moves()
        prepare(GLANCE)
        try:
            if _opened(move, seconds) != stage.fingerprint:
                return False
            *before, last = _in_texts(stage.statements)
            for statements in before:
                _inside(move.schema, statements)
            labels = [*stage.migrations, *stage.records]
            *_, noted, _path, finished = _inside(
                move.schema, [*last, record_sql(labels)], move.finish_sql(target=target, base=plan.base)
            )
            if noted.command_tuples != len(labels):
                # Some were noted before, though the schema looks as if they had not been.
                return False
            if finished.ntuples != 1:
                raise move.lost()
            _run(["COMMIT"])
        finally:
            _roll_back()
    return True


def _opened(move: Move, seconds: int) -> str | None:
    """Begin, hold the move, and look at the schema: its fingerprint, if one like it was seen before."""
    # What is prepared would else be planned anew five times; what a migration does itself is not prepared.
    opening = ["BEGIN", *limits_sql(seconds), "SET LOCAL plan_cache_mode = force_generic_plan"]
    *_, held, seen = _run([*opening, move.hold_sql(), GLANCE.call(move.schema)])
    if held.ntuples != 1:
        raise move.lost()
    return known_print((seen.get_value(0, 0) or b"").decode())


def _inside(schema: str, statements: Sequence[str], *then: str) -> Sequence[PGresult]:
    """Run statements of the plan in the schema, as its owner, and what is to follow outside of it.

    Raises:
        StatementFailed: names the statement; its cause is the database's error.
    """
    here, back = SchemaScope(schema, _REASON), OwnerScope(_REASON)
    every = [_path(here), *statements, _path(back), *then]
    done = connection.at_once(every)
    if done.error is not None:
        # What is several statements is alone in its text.
        place = len(done.results) if then else min(len(done.results), len(statements))
        raise StatementFailed(sentence(done.error, schema), sql=every[place]) from done.error
    return done.results


def _run(statements: Sequence[str]) -> Sequence[PGresult]:
    done = connection.at_once(statements)
    if done.error is not None:
        raise done.error
    return done.results


def _path(scope: SchemaScope | OwnerScope) -> str:
    return f"SET LOCAL search_path = {scope.search_path.decode()}"


def _in_texts(statements: Sequence[str]) -> Iterator[list[str]]:
    """As few texts as tell of each statement whether it failed: what may be several statements is a text of its own."""
    text: list[str] = []
    for statement in statements:
        if ";" in statement.rstrip().rstrip(";"):
            yield from filter(None, (text, [statement]))
            text = []
        else:
            text.append(statement)
    yield text


def _roll_back() -> None:
    status = connection.connection.pgconn.transaction_status if connection.connection else TransactionStatus.UNKNOWN
    if status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
        connection.at_once(["ROLLBACK"])
