"""Subscriptions that nobody pays for (a trial, or one from before there was billing): what Stripe does for the others."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.stripe import clock
from kernel.actor import Actor
from shared_apps.audit.services import record
from shared_apps.billing.errors import SubscriptionChanged
from shared_apps.billing.models import Subscription
from shared_apps.billing.rules.owing import end_of_unpaid, owing_columns
from shared_apps.billing.services.moving import change, move
from shared_apps.billing.types import Cause, State
from tenants.scope import platform_scope


def end_unpaid(subscription: Subscription, *, actor: Actor, revision: int, reason: str) -> Subscription:
    """Let it end with the trial, or in two weeks where there is none, so that nobody is shut out by one click."""
    ends_at = end_of_unpaid(subscription.trial_ends_at, clock.now())
    with platform_scope(reason="end what nobody pays for"), transaction.atomic():
        changed = _change(subscription, revision, cancel_at=ends_at, cancel_reason=reason)
        _write_down(actor, "billing.end_ordered", changed, reason=reason, **day_of(ends_at))
    return changed


def go_on_unpaid(subscription: Subscription, *, actor: Actor, revision: int) -> Subscription:
    """Let it not end."""
    with platform_scope(reason="go on with what nobody pays for"), transaction.atomic():
        changed = _change(subscription, revision, cancel_at=None, cancel_reason="")
        _write_down(actor, "billing.end_withdrawn", changed)
    return changed


def day_of(moment: datetime | None) -> dict[str, str]:
    """From when something is to be so, as the audit trail has it; nothing where that is not known."""
    return {"on": moment.date().isoformat()} if moment is not None else {}


def move_unpaid(subscription: Subscription, to: State, *, cause: Cause, trial_ends_at: datetime | None = None) -> Subscription:
    """Move it as an operator wants; with `trial_ends_at` into a trial until then."""
    now = clock.now()
    columns = owing_columns(to, subscription.owing_since_at, subscription.grace_until, now)
    more = {"trial_ends_at": trial_ends_at, "reminded": 0} if trial_ends_at else {}
    ended = {"ended_at": now} if to is State.CANCELLED else {}
    with platform_scope(reason="move a subscription that nobody pays for"), transaction.atomic():
        if subscription.state == to:
            return change(subscription, **more)
        return move(subscription, to, cause=cause, **columns, **more, **ended)


def _write_down(actor: Actor, action: str, subscription: Subscription, *, reason: str = "", **told: str) -> None:
    record(
        action=action,
        actor_label=actor.label,
        actor_kind=actor.kind,
        tenant_id=subscription.tenant_id,
        reason=reason,
        data=told,
    )


def _change(subscription: Subscription, revision: int, **columns: datetime | str | None) -> Subscription:
    if subscription.revision != revision:
        raise SubscriptionChanged(_("The subscription has changed since you looked at it. Please look at it again."))
    return change(subscription, **columns)
