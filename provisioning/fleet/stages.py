"""Runs one stage of a plan in one schema, by the road that the plan names."""

from __future__ import annotations

from typing import Final

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from provisioning.fleet.ddl import (
    changing,
    invalid_indexes,
    naming_the_statement,
    patient_scope,
    record_migrations,
    run_statements,
    scatter_sql,
    sequences_in,
)
from provisioning.fleet.plan import Stage

# For a plan's own try, and for what is dropped.
_SECONDS: Final = 60


def run_stage(schema: str, stage: Stage) -> None:
    """Run `stage` in a schema that is nobody's (a plan's probe), in transactions of its own.

    Raises:
        StatementFailed, DatabaseError: as the database has it. A migration's own Python may raise anything.
    """
    if not stage.is_atomic:
        execute(schema, stage)
        return
    with changing(schema, seconds=_SECONDS):
        if stage.road == "replay":
            replay(schema, stage)
        else:
            execute(schema, stage)


def replay(schema: str, stage: Stage) -> None:
    """Run the SQL of a stage, in the caller's transaction."""
    run_statements(schema, stage.statements)
    record_migrations(schema, [*stage.migrations, *stage.records])


def execute(schema: str, stage: Stage) -> None:
    """One migration by Django's executor: in the caller's transaction, or, one that is not atomic, as it wants it."""
    # A concurrent operation waits for transactions that are older than itself, of the whole database, and nobody waits
    # behind it; one in the caller's transaction waits as long as that says.
    scope = patient_scope(schema, is_patient=stage.is_atomic or stage.is_concurrent)
    before = sequences_in(schema)
    with scope, naming_the_statement(schema):
        executor = MigrationExecutor(connection)
        nodes = [executor.loader.graph.nodes[tuple(label.split(".", 1))] for label in stage.migrations]
        executor.migrate(None, plan=[(node, False) for node in nodes])
    run_statements(schema, scatter_sql(before, sequences_in(schema)))


def drop_leftovers(schema: str, stage: Stage) -> None:
    """Drop what a killed try of this stage left half-built or half-dropped outside of a transaction; never a valid index."""
    if names := invalid_indexes(schema, among=stage.leftovers):
        with changing(schema, seconds=_SECONDS):
            run_statements(schema, [f"DROP INDEX IF EXISTS {connection.ops.quote_name(name)}" for name in names])
