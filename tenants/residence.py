"""Where an organization lives: who says so on its cluster, and how that changes when it moves to another one (ADR 0015)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.outbox.upkeep import wake
from tenants.clusters import has_several
from tenants.errors import WrongState
from tenants.hosts import host_cache
from tenants.models import Resident, Tenant
from tenants.scope import cluster_scope, platform_scope


def note_resident(*, tenant_id: UUID, schema: str) -> None:
    """Tell the doors of the current cluster whose `schema` is, where the registry does not: on other clusters than its own, and
    once the organization has left. May be repeated.

    Committed before anybody lives in the schema. With one cluster nobody asks.
    """
    if has_several():
        with cluster_scope(reason="note resident"):
            Resident.objects.update_or_create(schema_name=schema, defaults={"tenant_id": tenant_id})


def pause_writes(*, actor: Actor, tenant_id: UUID, now: datetime | None = None) -> None:
    """Have an organization's pages say, within seconds everywhere, that it cannot be changed for a moment. May be repeated.

    Whoever writes until they do is refused by PostgreSQL (`tenants.schemas.stop_writes`).
    """
    actor.require("tenants.delete")
    with platform_scope(reason="pause writes"), transaction.atomic():
        Tenant.objects.filter(pk=tenant_id, writes_paused_at=None).update(writes_paused_at=now or clock.now())
        transaction.on_commit(host_cache.clear, robust=True)


def resume_writes(*, actor: Actor, tenant_id: UUID) -> None:
    """Take `pause_writes` back; what waited in the outbox goes on. May be repeated."""
    actor.require("tenants.delete")
    with platform_scope(reason="resume writes"), transaction.atomic():
        if Tenant.objects.filter(pk=tenant_id).exclude(writes_paused_at=None).update(writes_paused_at=None):
            transaction.on_commit(host_cache.clear, robust=True)
            transaction.on_commit(partial(wake, tenant_id=tenant_id), robust=True)


def switch_cluster(*, actor: Actor, tenant_id: UUID, expected: tuple[str, str], place: tuple[str, str], version: str) -> None:
    """Let an organization live on another cluster from now on, in one statement; both places are (cluster, schema).

    Only while its writing is paused, and both schemas say the same. What was cached before is found by nobody.

    Raises:
        WrongState: it is not paused, or it is not in `expected` of `version` any more.
    """
    actor.require("tenants.delete")
    (left, expected_schema), (database, schema) = expected, place
    with platform_scope(reason="switch cluster"), transaction.atomic():
        rows = Tenant.objects.exclude(writes_paused_at=None).filter(
            pk=tenant_id, database=left, schema_name=expected_schema, schema_version=version
        )
        facts = {"database": database, "schema_name": schema, "writes_paused_at": clock.now(), "updated_at": clock.now()}
        if not rows.update(**facts, cache_generation=F("cache_generation") + 1):
            raise WrongState(_("This organization is not paused, or its data were exchanged, or migrated, meanwhile."))
        transaction.on_commit(host_cache.clear, robust=True)
