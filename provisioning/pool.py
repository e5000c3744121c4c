"""Schemas made in advance: signing up takes one that is ready instead of waiting for one to be made."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from kernel import clock
from kernel.ids import new_id
from provisioning.models import PooledSchema, SchemaTemplate
from provisioning.schemas.replay import run_script
from provisioning.schemas.template import template_script
from tenants.clusters import DEFAULT, current_cluster, on_cluster
from tenants.schemas import code_schema_version, drop_schema, is_supported, schema_for
from tenants.scope import platform_scope

# One statement, so that of any number of claims at once each gets another row or none, and nobody waits for anybody.
_CLAIM: Final = """
    UPDATE provisioning_pooledschema SET claimed_at = %s
    WHERE id = (
        SELECT id FROM provisioning_pooledschema
        WHERE version = %s AND claimed_at IS NULL
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING tenant_id
"""
# While old and new code run side by side, each sees the other's schemas as foreign; neither should drop them yet.
_STALE_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """Counts of the pool; `stale` are schemas that the running code does not serve."""

    version: str
    target: int
    ready: int
    stale: int


def claim(version: str | None = None, *, now: datetime | None = None) -> UUID | None:
    """Take a ready schema of `version` (the code's own by default); its tenant id, or None when the pool is empty.

    In the caller's transaction: when that is rolled back, the schema is in the pool again.
    """
    with platform_scope(reason="claim schema"), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [now or clock.now(), version or code_schema_version()])
        row = cursor.fetchone()
    return None if row is None else row[0]


def claim_or_create(*, run_id: UUID | None = None) -> UUID:
    """A schema for a new tenant: from the pool, else made now in the caller's transaction.

    The pool is of the platform's own cluster. On another one each is made when it is wanted (a fifth of a second).
    """
    claimed = claim() if current_cluster() == DEFAULT else None
    if claimed is not None:
        return claimed
    tenant_id = id_to_make(run_id=run_id)
    run_script(template_script(), schema_for(tenant_id))
    return tenant_id


@contextmanager
def borrowed(template: SchemaTemplate) -> Generator[str]:
    """An empty schema of the template's version for the block, a ready one or one made now: all that is done to it is undone.

    The block is rolled back, so that a killed process leaves nothing either.
    """
    with on_cluster(DEFAULT), transaction.atomic():
        tenant_id = claim(template.version)
        schema = schema_for(tenant_id or new_id())
        if tenant_id is None:
            run_script(template.script, schema)
        try:
            yield schema
        finally:
            transaction.set_rollback(True)


def id_to_make(*, run_id: UUID | None) -> UUID:
    """Of a schema that is to be made now, in the caller's transaction; a run makes one at the most.

    On another cluster than the platform's it is called after the run: what a crash between the commits on both left there of an
    earlier try is nobody's, and goes.
    """
    if run_id is None or current_cluster() == DEFAULT:
        return new_id()
    drop_schema(schema_for(run_id))
    return run_id


def discard_unnoted(*, run_id: UUID) -> None:
    """Drop what a run made on another cluster and could not note: a crash between the commits on both left it (ADR 0015).

    In the caller's transaction. Quiet when there is nothing; on the platform's own cluster there never is.
    """
    if current_cluster() != DEFAULT:
        drop_schema(schema_for(run_id))


def discard(tenant_id: UUID) -> None:
    """Drop a claimed schema and its row, in the caller's transaction. It never goes back: somebody may have written to it."""
    with platform_scope(reason="discard schema"):
        PooledSchema.objects.filter(tenant_id=tenant_id).delete()
    drop_schema(schema_for(tenant_id))


def fill(target: int | None = None, *, limit: int | None = None) -> int:
    """Make schemas until `target` (by default the setting's number) are ready, at most `limit`; how many were made.

    Each is one transaction: its row and its schema appear together, or a kill leaves neither. Several may fill at once;
    then a few more than the target may be made.
    """
    wanted = settings.PROVISIONING_POOL_TARGET if target is None else target
    script = template_script()
    made = 0
    while _ready() < wanted and (limit is None or made < limit):
        _add(script)
        made += 1
    return made


def drop_stale(*, now: datetime | None = None) -> int:
    """Drop the ready schemas that the running code does not serve, an hour after they were made; how many there were."""
    moment = now or clock.now()
    dropped = 0
    for row_id, version in _unclaimed(before=moment - _STALE_AFTER):
        dropped += not is_supported(version) and _drop_unclaimed(row_id)
    return dropped


def forget_claimed(*, now: datetime | None = None) -> None:
    """Delete the rows of schemas that were claimed more than a day ago: their tenants' rows tell all there is to know."""
    with platform_scope(reason="forget claimed schemas"):
        PooledSchema.objects.filter(claimed_at__lt=(now or clock.now()) - timedelta(days=1)).delete()


def pool_status() -> PoolStatus:
    """How full the pool is."""
    with platform_scope(reason="pool status"):
        versions = list(PooledSchema.objects.filter(claimed_at=None).values_list("version", flat=True))
    version = code_schema_version()
    return PoolStatus(
        version=version,
        target=settings.PROVISIONING_POOL_TARGET,
        ready=versions.count(version),
        stale=sum(not is_supported(found) for found in versions),
    )


def _ready() -> int:
    with platform_scope(reason="count pool"):
        return PooledSchema.objects.filter(version=code_schema_version(), claimed_at=None).count()


def _add(script: str) -> None:
    tenant_id = new_id()
    with transaction.atomic():
        run_script(script, schema_for(tenant_id))
        with platform_scope(reason="add to pool"):
            PooledSchema.objects.create(tenant_id=tenant_id, version=code_schema_version())


def _unclaimed(*, before: datetime) -> list[tuple[int, str]]:
    with platform_scope(reason="read pool"):
        return list(PooledSchema.objects.filter(claimed_at=None, created_at__lt=before).values_list("id", "version"))


def _drop_unclaimed(row_id: int) -> bool:
    """Drop one schema with its row, unless somebody claims it this moment."""
    with platform_scope(reason="drop stale schema"), transaction.atomic():
        row = PooledSchema.objects.select_for_update(skip_locked=True).filter(pk=row_id, claimed_at=None).first()
        if row is None:
            return False
        discard(row.tenant_id)
    return True
