"""Makes the plan: every pending migration is tried on one empty schema of the old version before any tenant is touched."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Final

from django.db import DatabaseError, connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from provisioning import pool
from provisioning.errors import PlanFailed, ProvisioningError
from provisioning.fleet.ddl import (
    changing,
    limits_sql,
    record_migrations,
    recorded_migrations,
    run_statements,
    scatter_sql,
    sequences_in,
)
from provisioning.fleet.fingerprint import quick_print
from provisioning.fleet.operations import indexes_changed_concurrently, is_concurrent, reasons_for_slow_road
from provisioning.fleet.plan import Plan, Stage
from provisioning.fleet.stages import run_stage
from provisioning.models import SchemaTemplate
from provisioning.schemas.catalog import Catalog, read_catalog
from provisioning.schemas.probes import drop_lost_probes, probe_of
from provisioning.schemas.template import ensure_template
from tenants.schemas import tenant_labels
from tenants.scope import platform_scope, schema_scope

_SHOWN_DIFFERENCES: Final = 10
_SECONDS: Final = 60


def make_plan(source: str) -> Plan:
    """The plan for schemas of version `source`, proved: a schema that went through it is the template, catalog for catalog.

    Takes a tenth of a second, or a second where a migration commits on its own, and builds the template of the code's version
    when there is none. Touches no tenant. Must not be called inside a transaction.

    Raises:
        PlanFailed: a pending migration fails on an empty schema, or leads to another schema than the real migrations.
    """
    try:
        target = ensure_template()
    except (DatabaseError, ProvisioningError) as error:
        raise PlanFailed(f"The migrations fail on an empty schema: {error}") from error
    with platform_scope(reason="plan for fleet"):
        template = SchemaTemplate.objects.filter(version=source).first()
    if template is None:
        # The only thing that is known of such a schema is that Django's own bookkeeping stands in it.
        return Plan(source, (Stage("whole", reasons=(f"no template of version {source or '–'}",)),))
    plan, reached = _proved(template)
    if reached is not None:
        _compare(reached, target)
    return plan


def _proved(template: SchemaTemplate) -> tuple[Plan, Catalog | None]:
    """The plan with what it leads to; None where that is newer than this code."""
    with pool.borrowed(template) as schema:
        known = _migrations(schema)
        if _is_ahead(schema, known):
            return Plan(template.version, is_ahead=True), None
        stages = _joined(_pending(known))
        if all(stage.road == "replay" for stage in stages):
            run_statements(schema, limits_sql(_SECONDS))
            return _tried(template.version, schema, stages, partial(_replayed, loader=known.loader))
    # What commits on its own is tried on a schema that stays.
    drop_lost_probes()
    with probe_of(template.script) as schema:
        return _tried(template.version, schema, stages, partial(_run, loader=known.loader))


def catalog_before(plan: Plan, position: int) -> Catalog:
    """What a schema must look like before the stage at `position` (the number of stages: after all of them)."""
    with platform_scope(reason="plan for fleet"):
        template = SchemaTemplate.objects.get(version=plan.source)
    with probe_of(template.script) as schema:
        for stage in plan.stages[:position]:
            run_stage(schema, stage)
        return read_catalog(schema)


def _migrations(schema: str) -> MigrationExecutor:
    """What this code has to say to the schema as it is: the graph of all migrations, which is built once for a plan."""
    with schema_scope(schema, reason="plan for fleet"):
        return MigrationExecutor(connection)


def _is_ahead(schema: str, known: MigrationExecutor) -> bool:
    """Whether the schema has migrations that this code does not know: newer code made it, and migrates it."""
    present = known.loader.disk_migrations
    replaced = {label for migration in present.values() for label in migration.replaces}
    names = {f"{app}.{name}" for app, name in [*present, *replaced]}
    labels = tenant_labels()
    return any(label not in names and label.split(".")[0] in labels for label in recorded_migrations(schema))


def _tried(source: str, schema: str, stages: Iterable[Stage], run: Callable[[str, Stage], Stage]) -> tuple[Plan, Catalog]:
    """The plan of these stages, each as `run` was seen to do it on `schema`, and what came of it."""
    tried: list[Stage] = []
    for stage in stages:
        fingerprint, started = quick_print(schema), time.perf_counter()
        try:
            done = run(schema, stage)
        except (DatabaseError, ProvisioningError) as error:
            raise PlanFailed(f"{', '.join(stage.migrations)} fails on an empty schema: {error}") from error
        tried.append(replace(done, fingerprint=fingerprint, milliseconds=round((time.perf_counter() - started) * 1000, 2)))
    return Plan(source, tuple(tried), quick_print(schema)), read_catalog(schema)


def _pending(known: MigrationExecutor) -> list[Stage]:
    """One stage for each migration that is to come, in Django's order; nothing is run yet."""
    pending = known.migration_plan(known.loader.graph.leaf_nodes())
    return [_stage_of(migration) for migration, _backwards in pending]


def _stage_of(migration: Migration) -> Stage:
    label = f"{migration.app_label}.{migration.name}"
    if migration.app_label not in tenant_labels():
        return Stage("replay", records=(label,))
    expansion = getattr(migration, "expansion", "")
    plain = Stage("replay", (label,), contracts=(expansion,) if expansion else ())
    if reasons := reasons_for_slow_road(migration):
        return replace(
            plain,
            road="executor",
            reasons=tuple(f"{label} {reason}" for reason in reasons),
            leftovers=tuple(indexes_changed_concurrently(migration)),
            is_atomic=migration.atomic,
            is_concurrent=is_concurrent(migration),
        )
    return plain


def stages_one_by_one(schema: str) -> list[Stage]:
    """What is to come in a schema of which nothing is known: every migration by the executor, on its own."""
    return [stage if stage.records else replace(stage, road="executor") for stage in _pending(_migrations(schema))]


def _joined(stages: list[Stage]) -> list[Stage]:
    """Neighbours on the fast road become one stage: one transaction."""
    joined: list[Stage] = []
    for stage in stages:
        last = joined[-1] if joined else None
        if last is not None and last.road == stage.road == "replay":
            joined[-1] = replace(
                last,
                migrations=last.migrations + stage.migrations,
                records=last.records + stage.records,
                contracts=last.contracts + stage.contracts,
            )
        else:
            joined.append(stage)
    return joined


def _run(schema: str, stage: Stage, *, loader: MigrationLoader) -> Stage:
    """Run a stage in transactions of its own."""
    if stage.road != "replay":
        run_stage(schema, stage)
        return stage
    with changing(schema, seconds=_SECONDS):
        return _replayed(schema, stage, loader=loader)


def _replayed(schema: str, stage: Stage, *, loader: MigrationLoader) -> Stage:
    """The stage with its SQL, learned migration by migration, as each one looks at the schema; in the caller's transaction."""
    statements: list[str] = []
    before = sequences_in(schema)
    for label in stage.migrations:
        # What one migration left to be checked at the commit would keep the next from changing the table.
        learned = ("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED") if statements else ()
        run_statements(schema, learned)
        collected = _collected(schema, label, loader)
        run_statements(schema, collected)
        statements += [*learned, *collected]
    record_migrations(schema, [*stage.migrations, *stage.records])
    statements += scatter_sql(before, sequences_in(schema))
    return replace(stage, statements=tuple(statements))


def _collected(schema: str, label: str, loader: MigrationLoader) -> tuple[str, ...]:
    migration = loader.graph.nodes[tuple(label.split(".", 1))]
    with schema_scope(schema, reason="plan for fleet"):
        found = loader.collect_sql([(migration, False)])
    return tuple(statement for statement in found if not _is_comment(statement))


def _is_comment(statement: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith("--") for line in statement.splitlines())


def _compare(planned: Catalog, target: SchemaTemplate) -> None:
    """The template was proved to be what its script makes, and its own schema may be gone."""
    if planned.fingerprint == target.fingerprint:
        return
    with probe_of(target.script) as schema:
        differences = planned.differences(read_catalog(schema))
    if differences:
        shown = "\n".join(differences[:_SHOWN_DIFFERENCES])
        raise PlanFailed(f"The plan leads to another schema than the migrations (differences: {len(differences)}):\n{shown}")
