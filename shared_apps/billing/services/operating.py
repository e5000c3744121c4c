"""What operators do about an organization's subscription: pause, resume, give time or credit, cancel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.stripe import clock
from kernel.actor import Actor
from kernel.errors import Invalid
from kernel.money import Money
from shared_apps.audit.services import record
from shared_apps.billing.errors import WrongStanding
from shared_apps.billing.models import BillingAccount, Subscription
from shared_apps.billing.rules.owing import months_later
from shared_apps.billing.rules.transitions import may_move
from shared_apps.billing.selectors import last_subscription, require_live
from shared_apps.billing.services.commands import carry_out, order
from shared_apps.billing.services.unpaid import move_unpaid
from shared_apps.billing.types import Cause, CommandKind, State
from tenants.scope import platform_scope

MOST_MONTHS: Final = 24
_AUDITED: Final = {
    CommandKind.PAUSE: "billing.paused",
    CommandKind.RESUME: "billing.resumed",
    CommandKind.CANCEL_NOW: "billing.cancelled",
    CommandKind.GIVE_TIME: "billing.months_given",
    CommandKind.GIVE_CREDIT: "billing.credit_given",
}


def pause(*, actor: Actor, tenant_id: UUID, revision: int, reason: str) -> Subscription:
    """Let nothing be charged, and everything work, until it is resumed.

    Raises:
        PermissionDenied, NoSubscription, SubscriptionChanged, CommandRefused, NotConfirmedYet.
        WrongStanding: where it stands, it cannot be paused.
    """
    return _move(actor, tenant_id, State.PAUSED, CommandKind.PAUSE, revision=revision, reason=reason)


def resume(*, actor: Actor, tenant_id: UUID, revision: int, reason: str) -> Subscription:
    """Let it be charged again, from the next invoice on; as `pause`."""
    return _move(actor, tenant_id, State.ACTIVE, CommandKind.RESUME, revision=revision, reason=reason)


def cancel_now(*, actor: Actor, tenant_id: UUID, revision: int, reason: str) -> Subscription:
    """End it at once: the organization is out of service, its data are kept. As `pause`."""
    return _move(actor, tenant_id, State.CANCELLED, CommandKind.CANCEL_NOW, revision=revision, reason=reason)


def give_months(*, actor: Actor, tenant_id: UUID, revision: int, months: int, reason: str) -> Subscription:
    """Let nothing be charged for so many months from the end of what is paid for, or from now; as `pause`.

    Raises:
        Invalid: fewer than one month, or more than two years; blames `months`.
    """
    actor.require("plans.edit")
    if not 1 <= months <= MOST_MONTHS:
        raise Invalid(_("Give one to %(most)d months.") % {"most": MOST_MONTHS}, field="months")
    subscription = _live(tenant_id)
    until = months_later(_paid_until(subscription), months)
    if not subscription.stripe_id:
        subscription.revision = revision
        moved = partial(move_unpaid, subscription, State.TRIALING, cause=Cause.of(actor, reason), trial_ends_at=until)
        return _unpaid(actor, moved, CommandKind.GIVE_TIME, reason, {"months": months})
    _do(actor, subscription, CommandKind.GIVE_TIME, revision, {"trial_end": int(until.timestamp()), "reason": reason})
    return _now(tenant_id)


def give_credit(*, actor: Actor, tenant_id: UUID, amount: Money, reason: str) -> None:
    """Put `amount` to the organization's good: its next invoices use it up.

    Raises:
        PermissionDenied, NoSubscription, CommandRefused, NotConfirmedYet.
        Invalid: nothing, or another currency than the account's; blames `amount`.
        WrongStanding: nothing is paid for yet.
    """
    actor.require("plans.edit")
    subscription = _live(tenant_id)
    with platform_scope(reason="account of a gift"):
        account = BillingAccount.objects.get(tenant_id=tenant_id)
    if not account.stripe_customer_id:
        raise WrongStanding(_("Nothing is paid for yet. Give months instead."))
    if amount.amount_minor <= 0 or amount.currency != subscription.currency:
        raise Invalid(_("Give an amount in %(currency)s.") % {"currency": subscription.currency}, field="amount")
    wanted = {"amount_minor": amount.amount_minor, "currency": amount.currency, "reason": reason}
    _do(actor, subscription, CommandKind.GIVE_CREDIT, None, wanted)


def _move(actor: Actor, tenant_id: UUID, to: State, kind: CommandKind, *, revision: int, reason: str) -> Subscription:
    actor.require("plans.edit")
    subscription = _live(tenant_id)
    if not may_move(State(subscription.state), to):
        words = {"before": State(subscription.state).label, "after": to.label}
        raise WrongStanding(_("A subscription that is “%(before)s” cannot become “%(after)s”.") % words)
    if not subscription.stripe_id:
        subscription.revision = revision
        return _unpaid(actor, partial(move_unpaid, subscription, to, cause=Cause.of(actor, reason)), kind, reason, {})
    _do(actor, subscription, kind, revision, {"reason": reason})
    return _now(tenant_id)


def _unpaid(
    actor: Actor, moved: Callable[[], Subscription], kind: CommandKind, reason: str, facts: Mapping[str, Any]
) -> Subscription:  # Any: JSON
    # With the revision that was looked at: told by the conditional UPDATE, as everything is.
    with platform_scope(reason="an operator's act"), transaction.atomic():
        subscription = moved()
        _write_down(actor, subscription.tenant_id, kind, reason, facts)
        return subscription


def _do(
    actor: Actor, subscription: Subscription, kind: CommandKind, revision: int | None, more: dict[str, Any]
) -> None:  # Any: JSON
    wanted = {"stripe_id": subscription.stripe_id, **more}
    reason, tenant_id = str(more.get("reason", "")), subscription.tenant_id
    command = order(tenant_id=tenant_id, kind=kind, parameters=wanted, cause=Cause.of(actor, reason), revision=revision)
    # Before it is asked: better an entry of what Stripe refuses than something done without one.
    with platform_scope(reason="an operator's act"):
        _write_down(actor, tenant_id, kind, reason, more)
    carry_out(command)


def _write_down(actor: Actor, tenant_id: UUID, kind: CommandKind, reason: str, facts: Mapping[str, Any]) -> None:  # Any: JSON
    told = {name: value for name, value in facts.items() if name != "reason"}
    record(
        action=_AUDITED[kind],
        actor_label=actor.label,
        actor_kind=actor.kind,
        tenant_id=tenant_id,
        reason=reason,
        data=told,
    )


def _paid_until(subscription: Subscription) -> datetime:
    ends = [subscription.trial_ends_at, subscription.period_end_at if subscription.stripe_id else None]
    return max([clock.now(), *[end for end in ends if end is not None]])


def _live(tenant_id: UUID) -> Subscription:
    with platform_scope(reason="live subscription"):
        return require_live(tenant_id)


def _now(tenant_id: UUID) -> Subscription:
    with platform_scope(reason="subscription as it is now"):
        found = last_subscription(tenant_id)
    assert found is not None
    return found
