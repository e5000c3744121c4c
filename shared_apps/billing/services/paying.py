"""What owners do about their subscription: begin to pay, cancel, come back. All of it by commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from integrations.stripe.gateway.checkout import CheckoutStatus
from kernel.actor import Actor
from shared_apps.billing.errors import WrongStanding
from shared_apps.billing.models import BillingAccount, BillingCommand, Subscription
from shared_apps.billing.selectors import add_on_prices_of, free_until, require_last, require_live, wanted_holding
from shared_apps.billing.services.applying import apply_subscription
from shared_apps.billing.services.commands import carry_out, order, order_customer
from shared_apps.billing.services.gateway import asking, is_taxed_by_stripe, stripe
from shared_apps.billing.services.unpaid import day_of, end_unpaid, go_on_unpaid
from shared_apps.billing.types import Cause, CommandKind, State
from shared_apps.plans.errors import PlanNotFound
from shared_apps.plans.selectors import metered_price_ids, number_for_sale, price_id_of
from shared_apps.plans.types import Interval
from tenants.models import Tenant
from tenants.scope import platform_scope


def begin_checkout(
    *,
    actor: Actor,
    tenant_id: UUID,
    plan_code: str,
    interval: Interval,
    success_url: str,
    cancel_url: str,
    locale: str = "auto",
    add_ons: Mapping[str, int] | None = None,
) -> str:
    """Where to send the owner to begin to pay for a plan with so many of each add-on (by code).

    A trial that still runs goes on to its end, free, two days at least. Their own plan they get by the version that they
    have: what they signed up for (ADR 0021). Any other must be on offer. Who has ended one begins another, paid from its
    first day.

    Raises:
        PermissionDenied, NoSubscription, CommandRefused, NotConfirmedYet.
        WrongStanding: it is paid for already.
        PlanNotFound: the plan, or a price of it in the account's currency, is not for sale.
    """
    actor.require("plan.manage")
    with platform_scope(reason="begin checkout"):
        subscription = require_last(tenant_id)
        if subscription.stripe_id and subscription.state != State.CANCELLED:
            raise WrongStanding(_("This is paid for already. Change the plan instead."))
        price_id, metered = _prices(subscription, plan_code, interval)
        beside = _add_on_prices(subscription, plan_code, interval, add_ons)
    ensure_customer(actor=actor, tenant_id=tenant_id)
    trial_end = free_until(subscription)
    wanted = {
        "items": [[price_id, 1], *beside, *([one, None] for one in metered)],
        "success_url": success_url,
        "cancel_url": cancel_url,
        "locale": locale,
        "with_tax": is_taxed_by_stripe(),
        "trial_end": None if trial_end is None else int(trial_end.timestamp()),
    }
    done = _do(actor, tenant_id, CommandKind.OPEN_CHECKOUT, wanted, revision=subscription.revision)
    return str(done.outcome["url"])


def confirm_checkout(*, tenant_id: UUID, session_id: str) -> bool:
    """Apply what the owner did at Checkout, for the page to which they come back; whether it is confirmed. Twice: once.

    Of another's session nothing is said or done.

    Raises:
        NotConfirmedYet: Stripe is away; the webhook tells the same later.
        CommandRefused: there is no such session.
    """
    with asking():
        session = stripe().checkout.get(session_id)
    with platform_scope(reason="confirm checkout"):
        is_ours = BillingAccount.objects.filter(tenant_id=tenant_id, stripe_customer_id=session.customer_id).exists()
    if not is_ours or session.status is not CheckoutStatus.COMPLETE or not session.subscription_id:
        return False
    with asking():
        apply_subscription(session.subscription_id)
    return True


def ensure_customer(*, actor: Actor, tenant_id: UUID) -> None:
    """Let Stripe know who pays, where it does not yet. Twice, and by two at once: one customer.

    Raises:
        NoSubscription: nobody does, as for a sandbox. CommandRefused, NotConfirmedYet.
        SubscriptionChanged: somebody else does the same at this moment.
    """
    with platform_scope(reason="ensure customer"):
        require_last(tenant_id)
        account = BillingAccount.objects.get(tenant_id=tenant_id)
        tenant = Tenant.objects.get(pk=tenant_id)
    if account.stripe_customer_id:
        return
    wanted = {
        "name": account.name or tenant.name,
        "email": next(iter(account.contacts), tenant.owner_email),
        "address": account.address,
        "tax_ids": account.tax_ids,
        "locale": tenant.locale,
    }
    command = order_customer(tenant_id=tenant_id, parameters=wanted, cause=Cause.of(actor))
    if command is not None:
        carry_out(command)


def open_portal(*, actor: Actor, tenant_id: UUID, return_url: str, locale: str = "auto") -> str:
    """Where to send the owner to change how they pay.

    Raises:
        PermissionDenied, NoSubscription, CommandRefused, NotConfirmedYet.
    """
    actor.require("plan.manage")
    ensure_customer(actor=actor, tenant_id=tenant_id)
    wanted = {"return_url": return_url, "is_for_card": False, "locale": locale}
    return str(_do(actor, tenant_id, CommandKind.OPEN_PORTAL, wanted).outcome["url"])


def cancel(*, actor: Actor, tenant_id: UUID, revision: int, reason: str = "") -> Subscription:
    """Let it run out: at the end of what is paid for, or of the trial.

    Raises:
        PermissionDenied, NoSubscription, SubscriptionChanged, CommandRefused, NotConfirmedYet: as above.
    """
    actor.require("plan.manage")
    with platform_scope(reason="cancel"):
        subscription = require_live(tenant_id)
    if not subscription.stripe_id:
        return end_unpaid(subscription, actor=actor, revision=revision, reason=reason)
    wanted = {"stripe_id": subscription.stripe_id, "reason": reason, **day_of(subscription.period_end_at)}
    _do(actor, tenant_id, CommandKind.CANCEL, wanted, revision=revision)
    return _now(tenant_id)


def withdraw_cancellation(*, actor: Actor, tenant_id: UUID, revision: int) -> Subscription:
    """The way back, while it still runs; as `cancel`."""
    actor.require("plan.manage")
    with platform_scope(reason="withdraw cancellation"):
        subscription = require_live(tenant_id)
    if not subscription.stripe_id:
        return go_on_unpaid(subscription, actor=actor, revision=revision)
    _do(actor, tenant_id, CommandKind.WITHDRAW_CANCELLATION, {"stripe_id": subscription.stripe_id}, revision=revision)
    return _now(tenant_id)


def _add_on_prices(
    subscription: Subscription, plan_code: str, interval: Interval, add_ons: Mapping[str, int] | None
) -> list[list[str | int]]:
    """Stripe's price and the number of each add-on that is wanted beside the plan."""
    wanted = wanted_holding(subscription, plan_code=plan_code, interval=interval, add_ons=add_ons)
    prices = add_on_prices_of(wanted, subscription.currency)
    return [[prices[code], quantity] for code, (_number, quantity) in wanted.add_ons.items()]


def _do(
    actor: Actor, tenant_id: UUID, kind: CommandKind, parameters: dict[str, Any], *, revision: int | None = None
) -> BillingCommand:  # Any: JSON
    return carry_out(order(tenant_id=tenant_id, kind=kind, parameters=parameters, cause=Cause.of(actor), revision=revision))


def _now(tenant_id: UUID) -> Subscription:
    with platform_scope(reason="subscription as it is now"):
        return require_live(tenant_id)


def _prices(subscription: Subscription, plan_code: str, interval: Interval) -> tuple[str, Sequence[str]]:
    """Stripe's price of their own version, or of another plan as it is sold now, and those beyond its quotas."""
    number = subscription.plan_version if plan_code == subscription.plan_code else number_for_sale(plan_code)
    price_id = price_id_of(plan_code, number, subscription.currency, interval)
    metered = metered_price_ids(plan_code, number, subscription.currency, interval)
    if not price_id or metered is None:
        raise PlanNotFound(_("This plan cannot be paid for in your currency and interval."), field="plan_code")
    return price_id, metered
