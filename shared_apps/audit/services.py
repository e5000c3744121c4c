"""The one way to write into the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from kernel.actor import ActorKind
from shared_apps.audit.models import AuditEntry


def record(
    *,
    action: str,
    actor_label: str,
    actor_kind: ActorKind,
    tenant_id: UUID | None = None,
    target: str = "",
    reason: str = "",
    data: Mapping[str, str | int | bool | None] | None = None,
) -> None:
    """Note that somebody did something, as "thing.done" (`tenant.suspended`). In the platform's scope.

    Inside the transaction of the act itself, so that neither is there without the other. `data` carries facts, no secrets
    and nothing about customers.
    """
    AuditEntry.objects.create(
        action=action,
        actor_label=actor_label,
        actor_kind=actor_kind,
        tenant_id=tenant_id,
        target=target,
        reason=reason,
        data=dict(data or {}),
    )
