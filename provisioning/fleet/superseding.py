"""Ends a run of another version of the code, so that a newer release, or an older one that came back, can begin its own."""

from __future__ import annotations

import time
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from kernel.locking import lock_timeout
from provisioning.errors import FleetNotReady
from provisioning.models import FleetMove, FleetRun
from provisioning.types import ENDED_FLEETS, OPEN_MOVES, FleetState, MoveState
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.session_locks import trying

# A change that is going on is waited for; one of hours on the slow road is not.
_PATIENCE_SECONDS: Final = 30
_PAUSE_SECONDS: Final = 0.2


def abandon_runs_of_other_code(target: str) -> list[FleetRun]:
    """End what is unfinished and leads elsewhere than to `target`, and what could not be ended the last time; the runs that it
    was. In the platform's scope.

    From then on nobody takes a tenant of theirs. Who is in the middle of one ends that: by its row's lock, or on the slow
    road the lock of its session. What others did stays done; their open moves are forgotten. May be called again.

    Raises:
        FleetNotReady: somebody is still changing a tenant's schema after half a minute.
    """
    is_over = Q(state__in=ENDED_FLEETS)
    # Whoever gave up waiting for a worker has ended its run, but not forgotten its moves: there it may still be at work.
    left = Exists(FleetMove.objects.filter(run=OuterRef("pk"), state__in=OPEN_MOVES))
    found = list(FleetRun.objects.filter(~is_over & ~Q(target=target) | is_over & left))
    for run in found:
        others = FleetRun.objects.filter(pk=run.pk).exclude(state__in=ENDED_FLEETS)
        others.update(state=FleetState.ABANDONED, finished_at=Now(), error=f"Superseded by a run to version {target}.")
        for tenant_id in _begun(run):
            _wait_for(tenant_id)
        with transaction.atomic(), lock_timeout():
            FleetMove.objects.filter(run=run, state__in=OPEN_MOVES).delete()
    return found


def _begun(run: FleetRun) -> list[UUID]:
    # On the slow road another worker's claim of a tenant that is being worked at puts it back, so all that were begun count.
    begun = FleetMove.objects.filter(run=run, state__in=OPEN_MOVES, attempt__gt=0) | FleetMove.objects.filter(
        run=run, state=MoveState.RUNNING
    )
    return list(begun.values_list("tenant_id", flat=True))


def _wait_for(tenant_id: UUID) -> None:
    with platform_scope(reason="wait for fleet move"):
        tenant = Tenant.objects.filter(pk=tenant_id).first()
    until = time.monotonic() + _PATIENCE_SECONDS
    while tenant is not None:
        with trying(f"fleet {tenant.schema_name}", database=tenant.database) as is_free:
            if is_free:
                return
        if time.monotonic() > until:
            raise FleetNotReady(
                _("Code of another version is still migrating %(slug)s; try again when it has ended.") % {"slug": tenant.slug}
            )
        time.sleep(_PAUSE_SECONDS)
