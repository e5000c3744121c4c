"""Closing an organization and opening it again: the act, its entry in the audit trail, and what others hear, as one."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from kernel.actor import Actor
from kernel.events import publish
from shared_apps.audit.services import record
from shared_apps.closing.events import OrganizationClosed, OrganizationReopened
from tenants.closing import begin_closing, end_closing
from tenants.models import Tenant
from tenants.scope import platform_scope

# What an owner may do in their marketplace, and what an operator may do on the platform.
CLOSE_OWN: Final = "marketplace.close"
CLOSE_ANY: Final = "tenants.delete"


def close_own_organization(*, actor: Actor, tenant_id: UUID, reason: str = "", now: datetime | None = None) -> Tenant:
    """The owner's word: not served from now on, erased when the grace is over, and until then to be opened again.

    Raises:
        PermissionDenied: the actor does not own it.
        NotFound, WrongState: it is closing already.
    """
    actor.require(CLOSE_OWN)
    return _close(actor, tenant_id, reason, now)


def close_organization(*, actor: Actor, tenant_id: UUID, reason: str = "", now: datetime | None = None) -> Tenant:
    """The operator's word for the same.

    Raises: as `close_own_organization`.
    """
    actor.require(CLOSE_ANY)
    return _close(actor, tenant_id, reason, now)


def reopen_own_organization(*, actor: Actor, tenant_id: UUID) -> Tenant:
    """Let it be as it was, on its owner's word: data, people, domains that are still theirs, what waits to be done.

    Raises:
        PermissionDenied: the actor does not own it.
        NotFound, WrongState: it is not closing, or is being erased.
    """
    actor.require(CLOSE_OWN)
    return _reopen(actor, tenant_id, "")


def reopen_organization(*, actor: Actor, tenant_id: UUID, reason: str = "") -> Tenant:
    """The same on an operator's word.

    Raises: as `reopen_own_organization`.
    """
    actor.require(CLOSE_ANY)
    return _reopen(actor, tenant_id, reason)


def _close(actor: Actor, tenant_id: UUID, reason: str, now: datetime | None) -> Tenant:
    with platform_scope(reason="close organization"), transaction.atomic():
        tenant = begin_closing(tenant_id=tenant_id, now=now)
        _note("tenant.closed", actor, tenant, reason)
        if tenant.closing_since_at is not None and tenant.erases_at is not None:
            publish(OrganizationClosed(tenant.pk, closed_at=tenant.closing_since_at, erases_at=tenant.erases_at))
    return tenant


def _reopen(actor: Actor, tenant_id: UUID, reason: str) -> Tenant:
    with platform_scope(reason="reopen organization"), transaction.atomic():
        closed_at = Tenant.objects.values_list("closing_since_at", flat=True).filter(pk=tenant_id).first()
        tenant = end_closing(tenant_id=tenant_id)
        _note("tenant.reopened", actor, tenant, reason)
        if closed_at is not None:
            publish(OrganizationReopened(tenant.pk, closed_at=closed_at))
    return tenant


def _note(action: str, actor: Actor, tenant: Tenant, reason: str) -> None:
    record(
        action=action,
        actor_label=actor.label,
        actor_kind=actor.kind,
        tenant_id=tenant.pk,
        target=tenant.slug,
        reason=reason,
    )
