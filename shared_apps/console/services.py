"""What operators do in the console: the act itself, and its entry in the audit trail, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.outbox.upkeep import replay
from shared_apps.audit.services import record
from shared_apps.console.errors import NameNotConfirmed, TenantNotFound
from tenants.models import Tenant
from tenants.registry import resume_tenant, suspend_tenant


def suspend_organization(*, actor: Actor, tenant_id: UUID, confirmed_name: str, reason: str = "") -> None:
    """Take an organization out of service; its data stay. `confirmed_name` is its address, typed by the operator.

    Raises:
        PermissionDenied: the actor may not.
        TenantNotFound, NameNotConfirmed: there is none, or another name was typed; blames `confirmed_name`.
        WrongState: it is not in service.
    """
    actor.require("tenants.suspend")
    _confirmed(tenant_id, confirmed_name)
    _act(suspend_tenant, action="tenant.suspended", actor=actor, tenant_id=tenant_id, reason=reason)


def resume_organization(*, actor: Actor, tenant_id: UUID, confirmed_name: str, reason: str = "") -> None:
    """Put a suspended organization back into service.

    Raises: as `suspend_organization`.
    """
    actor.require("tenants.suspend")
    _confirmed(tenant_id, confirmed_name)
    _act(resume_tenant, action="tenant.resumed", actor=actor, tenant_id=tenant_id, reason=reason)


def replay_message(*, actor: Actor, message_id: UUID) -> None:
    """Give a dead message of the outbox another life. Its handler can take it twice, as it always must.

    The entry is written first, in a transaction of its own (the relay's bookkeeping is one too): better an entry of a replay
    that was refused than a replay without an entry.

    Raises:
        PermissionDenied: the actor may not.
        NotFound, MessageNotDead: there is none, or it is not dead (any more).
    """
    actor.require("outbox.replay")
    record(action="outbox.replayed", actor_label=actor.label, actor_kind=actor.kind, target=str(message_id))
    replay(message_id)


def _confirmed(tenant_id: UUID, typed: str) -> None:
    slug = Tenant.objects.filter(pk=tenant_id).values_list("slug", flat=True).first()
    if slug is None:
        raise TenantNotFound(_("There is no such organization."))
    if typed.strip() != slug:
        raise NameNotConfirmed(_("Type “%(slug)s” to confirm.") % {"slug": slug}, field="confirmed_name")


def _act(change: Callable[..., None], *, action: str, actor: Actor, tenant_id: UUID, reason: str) -> None:
    with transaction.atomic():
        change(actor=actor, tenant_id=tenant_id)
        slug = Tenant.objects.values_list("slug", flat=True).get(pk=tenant_id)
        record(action=action, actor_label=actor.label, actor_kind=actor.kind, tenant_id=tenant_id, target=slug, reason=reason)
