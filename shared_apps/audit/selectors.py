"""Reads of the audit trail, newest first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kernel.actor import Actor
from shared_apps.audit.models import AuditEntry

PAGE_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some entries, newest first, and where the next older ones begin (None at the end)."""

    entries: Sequence[AuditEntry]
    next_cursor: int | None


def latest_act(tenant_id: UUID, actions: Collection[str]) -> AuditEntry | None:
    """Which of these acts was the last on an organization (one query). For code that asks by itself, whoever is looking."""
    return AuditEntry.objects.filter(tenant_id=tenant_id, action__in=actions).order_by("-id").first()


def entries_for(
    actor: Actor, *, tenant_id: UUID | None = None, action: str = "", before: int | None = None, limit: int = PAGE_SIZE
) -> AuditPage:
    """Entries older than the cursor `before`, of one tenant or with one action where asked. One query, by key.

    Raises:
        PermissionDenied: the actor may not read the trail.
    """
    actor.require("audit.view")
    entries = AuditEntry.objects.order_by("-id")
    if tenant_id is not None:
        entries = entries.filter(tenant_id=tenant_id)
    if action:
        entries = entries.filter(action=action)
    if before is not None:
        entries = entries.filter(id__lt=before)
    found = list(entries[: limit + 1])
    return AuditPage(entries=found[:limit], next_cursor=found[limit - 1].pk if len(found) > limit else None)
