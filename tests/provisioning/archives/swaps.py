"""Snapshots, restores and swaps of an organization, and what it consists of."""

from __future__ import annotations

from django.core.files.storage import default_storage
from django.db import connection

from provisioning.archives.contents import CARRIED, LEFT_BEHIND
from provisioning.archives.restoring import restore_beside, swap_restored
from provisioning.archives.services import begin_archive
from provisioning.models import Run, Step
from provisioning.saga.engine import advance, advance_to_end
from provisioning.services import undo_run
from provisioning.types import RunState
from shared_apps.archives.models import Archive
from shared_apps.archives.services import order_snapshot
from tenants.context import TenantContext
from tenants.hosts import context_for
from tenants.scope import platform_scope, schema_scope, tenant_scope
from tests.provisioning.organizations import SYSTEM, again


def now_of(run: Run) -> TenantContext:
    tenant = context_for(again(run).tenant_id)
    assert tenant is not None
    return tenant


def snapshot_of(shop: TenantContext) -> Archive:
    archive = order_snapshot(actor=SYSTEM, tenant_id=shop.id)
    assert archive is not None
    run = begin_archive(archive.public_id)
    assert advance(run.pk) == RunState.DONE, again(run).error
    return archive


def restored(archive: Archive) -> Run:
    run = restore_beside(actor=SYSTEM, archive_id=archive.public_id)
    assert advance(run.pk) == RunState.DONE, again(run).error
    return again(run)


def side_of(run: Run) -> str:
    with platform_scope(reason="test"):
        return Step.objects.get(run=run, name="side").result["schema"]


def swap_of(beside: Run) -> Run:
    return swap_restored(actor=SYSTEM, run_id=beside.public_id, confirmed_name="acme")


def swapped(beside: Run) -> Run:
    run = swap_of(beside)
    assert advance_to_end(run.pk) == RunState.DONE, again(run).error
    return again(run)


def undo(run: Run) -> None:
    undo_run(actor=SYSTEM, run_id=run.public_id, confirmed_name="acme")


def undone(run: Run) -> Run:
    undo(run)
    assert advance_to_end(run.pk) == RunState.UNDONE, again(run).error
    return again(run)


def whole(schema: str) -> dict[str, object]:
    with schema_scope(schema, reason="test"), connection.cursor() as cursor:
        found = {}
        for table in sorted(CARRIED | LEFT_BEHIND.keys()):
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{table}\" t")
            found[table] = cursor.fetchone()[0]
        return found


def content_of(shop: TenantContext, name: str) -> bytes:
    with tenant_scope(shop), default_storage.open(name) as file:
        return file.read()
