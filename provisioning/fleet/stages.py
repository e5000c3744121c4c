"""Runs one stage of a plan in one schema, by the road that the plan names."""

from __future__ import annotations

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from provisioning.fleet.ddl import changing, limited_waiting, naming_the_statement, record_migrations, run_statements
from provisioning.fleet.plan import Stage
from tenants.schemas import migrate_schema
from tenants.scope import schema_scope

# A plan's own try, on an empty schema that nobody else sees.
_SECONDS = 60


def run_stage(schema: str, stage: Stage) -> None:
    """Run `stage` in `schema`, in transactions of its own.

    Raises:
        StatementFailed, DatabaseError: as the database has it. A migration's own Python may raise anything.
    """
    if stage.road == "replay":
        with changing(schema, seconds=_SECONDS):
            replay(schema, stage)
    elif stage.road == "whole":
        with naming_the_statement(schema):
            migrate_schema(schema)
    else:
        _execute(schema, stage)


def replay(schema: str, stage: Stage) -> None:
    """Run the SQL of a stage, in the caller's transaction."""
    run_statements(schema, stage.statements)
    record_migrations(schema, [*stage.migrations, *stage.records])


def drop_leftovers(schema: str, stage: Stage) -> None:
    """Drop what a try of this stage made outside of a transaction before it was killed: no migration notes it."""
    if stage.leftovers:
        with changing(schema, seconds=_SECONDS):
            run_statements(schema, [f"DROP INDEX IF EXISTS {connection.ops.quote_name(name)}" for name in stage.leftovers])


def _execute(schema: str, stage: Stage) -> None:
    """One migration by Django's executor, each in the transactions that it wants."""
    with schema_scope(schema, reason="fleet migration"), naming_the_statement(schema), limited_waiting():
        executor = MigrationExecutor(connection)
        nodes = [executor.loader.graph.nodes[tuple(label.split(".", 1))] for label in stage.migrations]
        executor.migrate(None, plan=[(node, False) for node in nodes])
