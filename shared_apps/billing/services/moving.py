"""The only way in which a subscription changes: a conditional UPDATE, whose row count says who was first (R25)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from integrations.stripe import clock
from kernel.actor import Actor, ActorKind
from kernel.events import publish
from shared_apps.audit.services import record
from shared_apps.billing.errors import SubscriptionChanged, WrongStanding
from shared_apps.billing.events import SubscriptionMoved, TermsChanged
from shared_apps.billing.models import Subscription, Transition
from shared_apps.billing.rules.transitions import may_move
from shared_apps.billing.services.telling import tell_registry
from shared_apps.billing.services.terms import acts_between
from shared_apps.billing.services.watching import tell_watchers
from shared_apps.billing.types import Cause, CauseKind, State
from tenants.errors import WrongState
from tenants.suspending import resume_tenant, suspend_tenant
from tenants.types import SuspendedBy

_OUT_OF_SERVICE: Final = frozenset({State.SUSPENDED, State.CANCELLED})
_IN_SERVICE: Final = frozenset({State.TRIALING, State.ACTIVE})
_SYSTEM: Final = Actor.system("billing")
ACTOR_KINDS: Final[dict[CauseKind, ActorKind]] = {CauseKind.OWNER: "user", CauseKind.OPERATOR: "operator"}


def move(subscription: Subscription, to: State, *, cause: Cause, **columns: Any) -> Subscription:  # Any: columns of the row
    """Move a subscription, as it was read, to another state, with other columns where given; the row as it is then.

    Raises:
        WrongStanding: the table has no way from where it stands to `to`.
        SubscriptionChanged: somebody changed it since it was read.
    """
    before = State(subscription.state)
    if not may_move(before, to):
        words = {"before": before.label, "after": to.label}
        raise WrongStanding(_("A subscription that is “%(before)s” cannot become “%(after)s”.") % words)
    with transaction.atomic():
        changed = change(subscription, state=to, **columns)
        note_move(changed, before=before, cause=cause)
        publish(SubscriptionMoved(subscription_id=changed.public_id, revision=changed.revision))
        return _serve(changed)


def change(subscription: Subscription, **columns: Any) -> Subscription:  # Any: as above
    """Write columns of a subscription as it was read; the row as it is then.

    Raises:
        SubscriptionChanged: as above.
    """
    rows = Subscription.objects.filter(pk=subscription.pk, state=subscription.state, revision=subscription.revision)
    with transaction.atomic():
        if not rows.update(revision=F("revision") + 1, **columns):
            raise SubscriptionChanged(_("Somebody else has just changed this subscription. Please look at it again."))
        changed = Subscription.objects.get(pk=subscription.pk)
        tell_registry(changed)
        tell_watchers(changed)
        for act in acts_between(subscription, changed):
            publish(TermsChanged(subscription_id=changed.public_id, revision=changed.revision, act=act))
    return changed


def _serve(subscription: Subscription) -> Subscription:
    """Say that the organization is out of service for what it owes, or no more; what an operator has said stays said."""
    if subscription.state in _OUT_OF_SERVICE:
        # Asked again where it was said before: an operator may have taken billing's word back meanwhile.
        has_suspended = _try(suspend_tenant, subscription) or subscription.has_suspended
        return (
            subscription if has_suspended == subscription.has_suspended else change(subscription, has_suspended=has_suspended)
        )
    if subscription.state in _IN_SERVICE and subscription.has_suspended:
        _try(resume_tenant, subscription)
        return change(subscription, has_suspended=False)
    return subscription


def serve_again(tenant_id: UUID) -> None:
    """Back into service, with another subscription, where the last one had taken the organization out."""
    rows = Subscription.objects.filter(tenant_id=tenant_id, has_suspended=True, state=State.CANCELLED)
    for ended in rows.order_by("pk"):
        _try(resume_tenant, ended)
        change(ended, has_suspended=False)


def _try(act: Callable[..., None], subscription: Subscription) -> bool:
    try:
        act(actor=_SYSTEM, tenant_id=subscription.tenant_id, by=SuspendedBy.BILLING)
    except WrongState:
        return False
    return True


def note_move(subscription: Subscription, *, before: State | None, cause: Cause) -> None:
    """Write down a move, or the beginning, that was made in this transaction, for the history and into the audit trail."""
    tell_registry(subscription)
    Transition.objects.create(
        subscription=subscription,
        revision=subscription.revision,
        from_state=before or "",
        to_state=subscription.state,
        cause=cause.kind,
        label=cause.label,
        reason=cause.reason,
        at=clock.now(),
    )
    is_stripes = cause.kind is CauseKind.STRIPE
    record(
        action="billing.moved" if before else "billing.began",
        # Labels outlive the organization (ADR 0018), and an id at Stripe would still tell whose they were.
        actor_label="Stripe" if is_stripes else cause.label,
        actor_kind=ACTOR_KINDS.get(cause.kind, "system"),
        tenant_id=subscription.tenant_id,
        target=cause.label if is_stripes else "",
        reason=cause.reason,
        data={"from": before or "", "to": subscription.state, "cause": cause.kind.value},
    )
    if before is None:
        # What changes later tells of itself (`change`).
        tell_watchers(subscription)
