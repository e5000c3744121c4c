"""The quick way through a plan that is one replay: some tenants in one round trip, by texts of SQL that are known beforehand.

A text does what `moving` does with a tenant, in the same order and in one transaction. What `moving` would ask and decide
between its round trips, the text claims: where that does not hold, PostgreSQL ends the text there and nothing is left of it.
Every schema that is not known by sight is left to `moving`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from django.db import Error as DatabaseFailure
from django.db import connection as _connection
from django.db import transaction
from psycopg.pq import TransactionStatus

from provisioning.errors import StatementFailed
from provisioning.fleet.ddl import limits_sql, record_sql
from provisioning.fleet.failing import sentence
from provisioning.fleet.fingerprint import LOOK, known_glances
from provisioning.fleet.moves import Move, prepare_moves
from provisioning.fleet.plan import Plan
from provisioning.fleet.prepared import claims, does_not_hold, prepare
from tenants.backend.base import DatabaseWrapper
from tenants.clusters import DEFAULT
from tenants.context import OwnerScope, SchemaScope
from tenants.scope import owner_scope

connection = cast("DatabaseWrapper", _connection)

_REASON: Final = "fleet migration"


@dataclass(frozen=True, slots=True)
class _Text:
    """The statements, and at which place the text says what would be asked between them."""

    statements: list[str]
    held: int
    looked: int
    first: int
    noted: int
    finished: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """So many of the first have arrived. The one behind them did not, by `error`; without one it wants a closer look."""

    arrived: int
    error: Exception | None = None


def replay_at_once(moves: Sequence[Move], plan: Plan, *, target: str, seconds: int) -> Replayed:
    """Bring tenants of one plan and cluster to `target` in their order, each in a transaction of at most `seconds`.

    Ends with the first that does not arrive; of its try nothing is left, and those behind it were not touched. Where a schema
    is not one that is known, or is on another cluster than the registry, nothing is done.
    """
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("A tenant is brought along in a transaction of its own.")
    glances = known_glances(plan.stages[0].fingerprint)
    # What holds and finishes a move stands on the platform's cluster, and one round trip reaches one server.
    if moves[0].database != DEFAULT or not glances:
        return Replayed(0)
    with owner_scope(reason=_REASON):
        prepare_moves()
        prepare(LOOK)
        texts = [_text_for(move, plan, glances, target, seconds) for move in moves]
        try:
            done = connection.at_once([statement for text in texts for statement in text.statements])
        finally:
            _roll_back()
    if done.error is None:
        return Replayed(len(moves))
    # All texts have as many statements. After a lost connection nobody knows what ran: what did will be found done.
    arrived, place = divmod(len(done.results), len(texts[0].statements))
    return Replayed(arrived, _meaning(moves[arrived], texts[arrived], place, done.error))


def _text_for(move: Move, plan: Plan, glances: list[str], target: str, seconds: int) -> _Text:
    (stage,) = plan.stages
    labels = [*stage.migrations, *stage.records]
    # What is prepared would else be planned anew five times; what a migration does itself is not prepared.
    before = ["BEGIN", *limits_sql(seconds), "SET LOCAL plan_cache_mode = force_generic_plan"]
    before += [move.hold_sql(), LOOK.call(move.schema, "{" + ",".join(glances) + "}"), _path(SchemaScope(move.schema, _REASON))]
    # Some may be noted before, though the schema looks as if they had not been.
    after = [claims(f"{record_sql(labels)} RETURNING 1", rows=len(labels)), _path(OwnerScope(_REASON))]
    after += [move.finish_sql(target=target, base=plan.base), "COMMIT"]
    first, noted = len(before), len(before) + len(stage.statements)
    return _Text([*before, *stage.statements, *after], first - 3, first - 2, first, noted, noted + 2)


def _meaning(move: Move, text: _Text, place: int, error: DatabaseFailure) -> Exception | None:
    """Why the statement at `place` ended the text; None where the tenant is left to the careful way."""
    if text.first <= place < text.noted:
        failed = StatementFailed(sentence(error, move.schema), sql=text.statements[place])
        failed.__cause__ = error
        return failed
    if does_not_hold(error):
        if place in {text.looked, text.noted}:
            return None
        if place in {text.held, text.finished}:
            return move.lost()
    return error


def _path(scope: SchemaScope | OwnerScope) -> str:
    return f"SET LOCAL search_path = {scope.search_path.decode()}"


def _roll_back() -> None:
    status = connection.connection.pgconn.transaction_status if connection.connection else TransactionStatus.UNKNOWN
    if status in {TransactionStatus.INTRANS, TransactionStatus.INERROR}:
        connection.at_once(["ROLLBACK"])
