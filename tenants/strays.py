"""Brings messages home that lie in the outbox of a cluster on which their organization does not live (ADR 0015).

Who still answers a request that began before a move may publish where the organization was, after the move's own last look.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from django.db import transaction

from kernel.locking import lock_rows, lock_timeout
from kernel.outbox.carrying import carry, forget
from kernel.outbox.reach import on_reachable
from kernel.outbox.turns import who_waits
from tenants.clusters import clusters, has_several
from tenants.models import Tenant
from tenants.scope import cluster_scope, platform_scope


def carry_strays() -> int:
    """Carry each home, where the sweep finds it; how many. May be called again; with one cluster it asks nothing."""
    if not has_several():
        return 0
    return sum(on_reachable(alias, partial(_carry_from, alias)) or 0 for alias in clusters())


def _carry_from(alias: str) -> int:
    with cluster_scope(reason="strays", database=alias):
        waiting = who_waits()
    with platform_scope(reason="strays"):
        away = Tenant.objects.filter(pk__in=waiting, writes_paused_at=None).exclude(database=alias)
        homes = dict(away.values_list("pk", "database"))
    return sum(_carry_home(tenant_id, alias, home) for tenant_id, home in homes.items())


def _carry_home(tenant_id: UUID, alias: str, home: str) -> int:
    with _staying(tenant_id, home) as stays:
        carried = carry(tenant_id=tenant_id, source=alias, target=home) if stays else []
    # Only when they are at home for good: the platform's own cluster commits last, and that may be theirs.
    with _staying(tenant_id, home) as stays:
        if stays and carried:
            forget(tenant_id=tenant_id, on=alias, carried=carried)
    return len(carried)


@contextmanager
def _staying(tenant_id: UUID, home: str) -> Generator[bool]:
    """A transaction in which nobody begins to move the organization; whether it lives there, and is not being moved.

    What lies on another cluster while it is moved was carried there for it.
    """
    with platform_scope(reason="strays"), transaction.atomic(), lock_timeout():
        yield bool(lock_rows(Tenant.objects.filter(pk=tenant_id, database=home, writes_paused_at=None)))
