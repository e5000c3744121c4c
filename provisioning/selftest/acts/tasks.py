"""Attempts through background work: tasks without or with another header, jobs in another's name (R9, ADR 0012)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import connection

from kernel.idempotency.jobs import PurgeKeys
from kernel.jobs import enqueue
from kernel.outbox.models import OutboxMessage
from provisioning.selftest.acts.database import RoleRefused, refusals_of_the_role
from provisioning.selftest.stage import Side
from provisioning.selftest.standing import tell_scope
from provisioning.selftest.trying import Act
from tenants.errors import NoTenant
from tenants.scope import platform_scope, tenant_scope
from tenants.tasks import HEADER

_FORGE: Final = f'UPDATE public."{OutboxMessage._meta.db_table}" SET tenant_id = %s WHERE id = %s'  # noqa: S608, SLF001  # our own table's name


def _headerless(here: Side, there: Side) -> bool:
    return _told(there, {HEADER: str(there.tenant.id)} if here is there else {}) == there.tenant.key


def _stay(here: Side, there: Side) -> bool:
    """The worker stands there; the task says here."""
    return _told(there, {HEADER: str(here.tenant.id)}) == there.tenant.key


def _told(standing: Side, headers: dict[str, str]) -> str:
    """In which scope a task runs that comes with these headers to a worker that stood in `standing`."""
    with tenant_scope(standing.tenant):
        # Not `get()`: within a task, Celery refuses to wait for another.
        return str(tell_scope.apply(headers=headers, throw=True).result)


def _forge(here: Side, there: Side) -> bool:
    """A job of one's own is made the other's in the table itself. On the own side, the proper door writes into it."""
    if here is there:
        return _door(here, there)
    with tenant_scope(here.tenant):
        job_id = enqueue(PurgeKeys())
        with refusals_of_the_role(), connection.cursor() as cursor:
            cursor.execute(_FORGE, [there.tenant.id, job_id])
            return bool(cursor.rowcount)


def _door(here: Side, there: Side) -> bool:
    """Nothing is rung for: the row goes with the stage."""
    with tenant_scope(here.tenant):
        job_id = enqueue(PurgeKeys())
    with platform_scope(reason="isolation test"):
        return OutboxMessage.objects.filter(pk=job_id, tenant_id=there.tenant.id).exists()


ACTS: Final[Mapping[str, Act]] = {
    "tasks.headerless": Act(_headerless, (NoTenant,)),
    "tasks.stay": Act(_stay),
    "tasks.forge": Act(_forge, (RoleRefused,)),
    "tasks.door": Act(_door),
}
