"""Keeps how every organization is: gathered in rounds for all, or at once for one, and told to the log when it gets bad."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F

from kernel import clock
from kernel.actor import Actor
from kernel.locking import lock_named
from provisioning.health.gathering import gather
from provisioning.health.looking import look_into
from provisioning.health.rules import has_fallen, score_of, state_of, troubles_of
from provisioning.health.types import Figures, Looked, Trouble, as_json
from provisioning.models import TenantHealth
from shared_apps.console.selectors import tenant_for
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.types import TenantStatus

LOOKED_INTO_AT_ONCE: Final = 50
"""With a round every five minutes a thousand organizations have been looked into after an hour and forty minutes."""

WATCHED: Final = (TenantStatus.ACTIVE, TenantStatus.MAINTENANCE)
"""Whoever is meant to be served, or would be if nothing were wrong."""

_REASON: Final = "health"
# Of who is gone meanwhile nothing is kept, and whoever is here stays until this is committed.
_KEEP: Final = """
    INSERT INTO provisioning_tenanthealth AS kept
        (tenant_id, score, state, troubles, figures, looked, gathered_at, looked_at)
    SELECT r.tenant_id, r.score, r.state, r.troubles, r.figures, r.looked, r.gathered_at, r.looked_at
    FROM jsonb_to_recordset(%s::jsonb) AS r (tenant_id uuid, score smallint, state text, troubles jsonb, figures jsonb,
        looked jsonb, gathered_at timestamptz, looked_at timestamptz)
    JOIN tenants_tenant t ON t.id = r.tenant_id ORDER BY r.tenant_id FOR KEY SHARE OF t
    ON CONFLICT (tenant_id) DO UPDATE SET score = EXCLUDED.score, state = EXCLUDED.state, troubles = EXCLUDED.troubles,
        figures = EXCLUDED.figures, looked = EXCLUDED.looked, gathered_at = EXCLUDED.gathered_at,
        looked_at = EXCLUDED.looked_at
    WHERE kept.gathered_at <= EXCLUDED.gathered_at
"""

log = structlog.get_logger(__name__)


def gather_health(*, look_into_most: int = LOOKED_INTO_AT_ONCE, now: datetime | None = None) -> int:
    """One round over all organizations that are served; tells how many. May run twice, and at the same time as others.

    Figures are taken anew for everybody; those that were not looked into for longest are, `look_into_most` of them.
    """
    now = now or clock.now()
    with platform_scope(reason=_REASON):
        tenants = list(Tenant.objects.filter(status__in=WATCHED).prefetch_related("domains").order_by("pk"))
        TenantHealth.objects.exclude(tenant__status__in=WATCHED).delete()
        last = TenantHealth.objects.order_by(F("looked_at").asc(nulls_first=True)).values_list("tenant_id", flat=True)
        turn = {pk: place for place, pk in enumerate(last, start=1)}
    longest_ago = sorted(tenants, key=lambda tenant: turn.get(tenant.pk, 0))
    _gather(tenants, look_into(longest_ago[:look_into_most], now=now), now)
    return len(tenants)


def look_again(*, actor: Actor, tenant_id: UUID) -> None:
    """Gather one organization's figures and look into it right now. May be repeated.

    Raises:
        PermissionDenied: the actor may not see organizations.
        TenantNotFound: there is none.
    """
    now = clock.now()
    with platform_scope(reason=_REASON):
        tenant = tenant_for(actor=actor, tenant_id=tenant_id)
    if tenant.status in WATCHED:
        _gather([tenant], look_into([tenant], now=now), now)


def _gather(tenants: Sequence[Tenant], looked: Mapping[UUID, Looked], now: datetime) -> None:
    with platform_scope(reason=_REASON):
        kept = TenantHealth.objects.in_bulk([tenant.pk for tenant in tenants])
        figures = gather(tenants, now=now)
        rows, fallen = [], []
        for tenant in tenants:
            before = kept.get(tenant.pk)
            row = _row(before, figures[tenant.pk], looked.get(tenant.pk), now)
            rows.append({"tenant_id": str(tenant.pk)} | row)
            if has_fallen(before.score if before else None, row["score"]):
                fallen.append((tenant, row))
        with transaction.atomic(), connection.cursor() as cursor:
            # Two rounds at once would wait for each other's rows in no order.
            lock_named(_REASON)
            cursor.execute(_KEEP, [json.dumps(rows)])
    for tenant, row in fallen:
        _tell(tenant, row)


def _row(
    before: TenantHealth | None, figures: Figures, looked: Looked | None, now: datetime
) -> dict[str, Any]:  # Any: of a JSON document, here and below
    looked_at = now if looked else before.looked_at if before else None
    looked = looked or (Looked.from_json(before.looked) if before else Looked())
    troubles = troubles_of(figures, looked)
    score = score_of(troubles)
    return {
        "score": score,
        "state": state_of(score).value,
        "troubles": [as_json(trouble) for trouble in troubles],
        "figures": as_json(figures),
        "looked": as_json(looked),
        "gathered_at": now.isoformat(),
        "looked_at": looked_at.isoformat() if looked_at else None,
    }


def _tell(tenant: Tenant, row: Mapping[str, Any]) -> None:
    causes = [Trouble.from_json(trouble).cause.value for trouble in row["troubles"]]
    log.warning("health_fell", tenant=str(tenant.pk), slug=tenant.slug, score=row["score"], causes=causes)
