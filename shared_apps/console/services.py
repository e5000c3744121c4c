"""What operators do in the console: the act itself, and its entry in the audit trail, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.events import publish
from kernel.outbox.upkeep import cancel, cancel_all, replay, replay_all
from shared_apps.audit.services import record
from shared_apps.audit.types import RESUMED, SUSPENDED, WORDS_FOR_OWNERS
from shared_apps.console.errors import NameNotConfirmed, TenantNotFound
from shared_apps.console.events import OrganizationResumed, OrganizationSuspended
from tenants.models import Tenant
from tenants.suspending import holders_of, resume_tenant, suspend_tenant
from tenants.types import SuspendedBy


def suspend_organization(
    *, actor: Actor, tenant_id: UUID, confirmed_name: str, reason: str = "", words_for_owners: str = ""
) -> None:
    """Take an organization out of service; its data stay. `confirmed_name` is its address, typed by the operator.

    Its owners get a letter with `words_for_owners`, and read them where they sign in; `reason` stays among operators.

    Raises:
        PermissionDenied: the actor may not.
        TenantNotFound, NameNotConfirmed: there is none, or another name was typed; blames `confirmed_name`.
        WrongState: it is not in service.
    """
    actor.require("tenants.suspend")
    _confirmed(tenant_id, confirmed_name)
    with transaction.atomic():
        suspend_tenant(actor=actor, tenant_id=tenant_id)
        _note(SUSPENDED, actor, tenant_id, reason, {WORDS_FOR_OWNERS: words_for_owners})
        publish(OrganizationSuspended(tenant_id, at=clock.now()))


def resume_organization(*, actor: Actor, tenant_id: UUID, confirmed_name: str, reason: str = "") -> None:
    """Take back an operator's word that an organization is suspended; where there is none, billing's, paid for or not.

    Back in service with the last of them; its owners then get a letter.

    Raises: as `suspend_organization`.
    """
    actor.require("tenants.suspend")
    _confirmed(tenant_id, confirmed_name)
    with transaction.atomic():
        resume_tenant(actor=actor, tenant_id=tenant_id, by=_first_word(tenant_id))
        _note(RESUMED, actor, tenant_id, reason)
        publish(OrganizationResumed(tenant_id, at=clock.now()))


def act_on_named(
    act: Callable[..., object],
    *,
    actor: Actor,
    tenant_id: UUID,
    confirmed_name: str,
    reason: str = "",
    **more: Any,
) -> None:  # Any: what else the act takes
    """Do what has its own entry in the audit trail, to the organization whose address was typed.

    Raises:
        TenantNotFound, NameNotConfirmed: there is none, or another name was typed; blames `confirmed_name`. What `act` raises.
    """
    _confirmed(tenant_id, confirmed_name)
    act(actor=actor, tenant_id=tenant_id, reason=reason, **more)


def replay_message(*, actor: Actor, message_id: UUID) -> None:
    """Give a dead message of the outbox another life. Its handler can take it twice, as it always must.

    The entry is written first, in a transaction of its own (the relay's bookkeeping is one too): better an entry of a replay
    that was refused than a replay without an entry.

    Raises:
        PermissionDenied: the actor may not.
        NotFound, MessageNotDead: there is none, or it is not dead (any more).
        ClusterAway: it may be on a cluster that does not answer.
    """
    actor.require("outbox.replay")
    record(action="outbox.replayed", actor_label=actor.label, actor_kind=actor.kind, target=str(message_id))
    replay(message_id)


def replay_messages_of_tenant(*, actor: Actor, tenant_id: UUID) -> int:
    """Give all dead messages of one organization another life; tells how many. Written down first, as above.

    Raises:
        PermissionDenied: the actor may not.
        ClusterAway: not every cluster answers; it is done on the others.
    """
    actor.require("outbox.replay")
    slug = _slug_of(tenant_id)
    record(action="outbox.replayed_all", actor_label=actor.label, actor_kind=actor.kind, tenant_id=tenant_id, target=slug or "")
    return replay_all(tenant_id=tenant_id)


def replay_all_messages(*, actor: Actor) -> int:
    """Give all dead messages another life; tells how many. Written down first, as above.

    Raises:
        PermissionDenied: the actor may not.
        ClusterAway: as above.
    """
    actor.require("outbox.replay")
    record(action="outbox.replayed_all", actor_label=actor.label, actor_kind=actor.kind)
    return replay_all()


def cancel_message(*, actor: Actor, message_id: UUID) -> None:
    """Take back one message that waits, or was given up. Written down first, as above.

    Raises:
        PermissionDenied: the actor may not.
        NotFound, MessageNotWaiting: there is none, or a worker has it, or it is over.
        ClusterAway: it may be on a cluster that does not answer.
    """
    actor.require("outbox.cancel")
    record(action="outbox.cancelled", actor_label=actor.label, actor_kind=actor.kind, target=str(message_id))
    cancel(message_id, by=actor.label)


def cancel_messages_of_tenant(*, actor: Actor, tenant_id: UUID, confirmed_name: str, reason: str = "") -> int:
    """Take back all that waits for one organization, or was given up; tells how many. Written down first, as above.

    Raises:
        PermissionDenied: the actor may not.
        TenantNotFound, NameNotConfirmed: there is none, or another name was typed; blames `confirmed_name`.
        ClusterAway: as above.
    """
    actor.require("outbox.cancel")
    _confirmed(tenant_id, confirmed_name)
    record(
        action="outbox.cancelled_all",
        actor_label=actor.label,
        actor_kind=actor.kind,
        tenant_id=tenant_id,
        target=confirmed_name.strip(),
        reason=reason,
    )
    return cancel_all(tenant_id=tenant_id, by=actor.label)


def _confirmed(tenant_id: UUID, typed: str) -> None:
    slug = _slug_of(tenant_id)
    if slug is None:
        raise TenantNotFound(_("There is no such organization."))
    if typed.strip() != slug:
        raise NameNotConfirmed(_("Type “%(slug)s” to confirm.") % {"slug": slug}, field="confirmed_name")


def _slug_of(tenant_id: UUID) -> str | None:
    return Tenant.objects.filter(pk=tenant_id).values_list("slug", flat=True).first()


def _first_word(tenant_id: UUID) -> SuspendedBy:
    held = holders_of(Tenant.objects.get(pk=tenant_id))
    return next((word for word in SuspendedBy if word in held), SuspendedBy.OPERATOR)


def _note(action: str, actor: Actor, tenant_id: UUID, reason: str, data: Mapping[str, str] | None = None) -> None:
    record(
        action=action,
        actor_label=actor.label,
        actor_kind=actor.kind,
        tenant_id=tenant_id,
        target=_slug_of(tenant_id) or "",
        reason=reason,
        data=data,
    )
