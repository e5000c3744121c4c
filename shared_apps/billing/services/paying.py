"""What owners do about their subscription: begin to pay, change the plan, cancel, come back. All of it by commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from integrations.stripe.gateway.checkout import CheckoutStatus
from integrations.stripe.gateway.invoice import InvoiceLine
from integrations.stripe.gateway.subscription import ItemChange, Proration
from integrations.stripe.gateway.subscription import Subscription as AtStripe
from kernel import clock
from kernel.actor import Actor
from kernel.money import Money
from shared_apps.billing.errors import WrongStanding
from shared_apps.billing.models import BillingAccount, BillingCommand, Subscription
from shared_apps.billing.selectors import require_live
from shared_apps.billing.services.applying import apply_subscription
from shared_apps.billing.services.commands import carry_out, order
from shared_apps.billing.services.gateway import stripe
from shared_apps.billing.services.unpaid import end_unpaid, go_on_unpaid
from shared_apps.billing.types import Cause, CommandKind, State
from shared_apps.plans.errors import PlanNotFound
from shared_apps.plans.selectors import current_terms, metered_price_ids, price_id_of, prices_by_id
from shared_apps.plans.types import Interval
from tenants.models import Tenant
from tenants.scope import platform_scope


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What a change of plan costs now, to the smallest unit, and the look that it belongs to.

    `due` is what is taken from the card at once; where it is negative, `credit` is kept for the next invoices.
    """

    due: Money
    credit: Money
    lines: tuple[InvoiceLine, ...]
    prorated_at: datetime
    revision: int


def begin_checkout(
    *,
    actor: Actor,
    tenant_id: UUID,
    plan_code: str,
    interval: Interval,
    success_url: str,
    cancel_url: str,
    locale: str = "auto",
) -> str:
    """Where to send the owner to begin to pay for a plan; a trial that still runs goes on to its end, free.

    Raises:
        PermissionDenied, NoSubscription, CommandRefused, NotConfirmedYet.
        WrongStanding: it is paid for already.
        PlanNotFound: the plan, or a price of it in the account's currency, is not for sale.
    """
    actor.require("plan.manage")
    with platform_scope(reason="begin checkout"):
        subscription = require_live(tenant_id)
        if subscription.stripe_id:
            raise WrongStanding(_("This is paid for already. Change the plan instead."))
        price_id, metered = _prices(plan_code, subscription.currency, interval)
    ensure_customer(actor=actor, tenant_id=tenant_id)
    trial_end = subscription.trial_ends_at if subscription.state == State.TRIALING else None
    wanted = {
        "items": [[price_id, 1], *([one, None] for one in metered)],
        "success_url": success_url,
        "cancel_url": cancel_url,
        "locale": locale,
        "trial_end": int(trial_end.timestamp()) if trial_end and trial_end > clock.now() else None,
    }
    done = _do(actor, tenant_id, CommandKind.OPEN_CHECKOUT, wanted, revision=subscription.revision)
    return str(done.outcome["url"])


def confirm_checkout(*, tenant_id: UUID, session_id: str) -> bool:
    """Apply what the owner did at Checkout, for the page to which they come back; whether it is confirmed. Twice: once.

    Of another's session nothing is said or done.
    """
    session = stripe().checkout.get(session_id)
    with platform_scope(reason="confirm checkout"):
        is_ours = BillingAccount.objects.filter(tenant_id=tenant_id, stripe_customer_id=session.customer_id).exists()
    if not is_ours or session.status is not CheckoutStatus.COMPLETE or not session.subscription_id:
        return False
    apply_subscription(session.subscription_id)
    return True


def ensure_customer(*, actor: Actor, tenant_id: UUID) -> None:
    """Let Stripe know who pays, where it does not yet. Twice: one customer."""
    with platform_scope(reason="ensure customer"):
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
    _do(actor, tenant_id, CommandKind.MAKE_CUSTOMER, wanted)


def open_portal(*, actor: Actor, tenant_id: UUID, return_url: str, locale: str = "auto") -> str:
    """Where to send the owner to change how they pay.

    Raises:
        PermissionDenied, NoSubscription, CommandRefused, NotConfirmedYet.
    """
    actor.require("plan.manage")
    ensure_customer(actor=actor, tenant_id=tenant_id)
    wanted = {"return_url": return_url, "is_for_card": False, "locale": locale}
    return str(_do(actor, tenant_id, CommandKind.OPEN_PORTAL, wanted).outcome["url"])


def preview_change(*, actor: Actor, tenant_id: UUID, plan_code: str, interval: Interval) -> ChangePreview:
    """What it would cost to be on the current version of a plan from now on; changes nothing.

    Raises:
        PermissionDenied, NoSubscription, PlanNotFound.
        WrongStanding: nothing is paid yet; Checkout shows what it costs.
    """
    actor.require("plan.manage")
    subscription, prices = _paid(tenant_id, plan_code, interval)
    at = clock.now().replace(microsecond=0)
    theirs = stripe().subscriptions.get(subscription.stripe_id)
    invoice = stripe().subscriptions.preview(
        customer_id=theirs.customer_id,
        subscription_id=theirs.id,
        changes=_swap(theirs, *prices),
        proration=Proration.INVOICE_NOW,
        prorated_at=at,
    )
    zero = Money.zero(invoice.currency)
    return ChangePreview(
        due=invoice.amount_due,
        credit=-invoice.total if invoice.total < zero else zero,
        lines=invoice.lines,
        prorated_at=at,
        revision=subscription.revision,
    )


def change_plan(
    *, actor: Actor, tenant_id: UUID, plan_code: str, interval: Interval, revision: int, prorated_at: datetime
) -> Subscription:
    """Be on a plan from now on, at the price of the preview of `revision` and `prorated_at`.

    Raises:
        PermissionDenied, NoSubscription, PlanNotFound, WrongStanding: as above.
        SubscriptionChanged: somebody else was first.
        CommandRefused: the payment failed; everything is as before.
        NotConfirmedYet: Stripe has not answered; it goes on by itself.
    """
    actor.require("plan.manage")
    subscription, prices = _paid(tenant_id, plan_code, interval)
    changes = _swap(stripe().subscriptions.get(subscription.stripe_id), *prices)
    wanted = {
        "stripe_id": subscription.stripe_id,
        "changes": [asdict(change) for change in changes],
        "proration": Proration.INVOICE_NOW.value,
        "prorated_at": int(prorated_at.timestamp()),
    }
    _do(actor, tenant_id, CommandKind.CHANGE_PLAN, wanted, revision=revision)
    return _now(tenant_id)


def cancel(*, actor: Actor, tenant_id: UUID, revision: int, reason: str = "") -> Subscription:
    """Let it run out: at the end of what is paid for, or of the trial.

    Raises:
        PermissionDenied, NoSubscription, SubscriptionChanged, CommandRefused, NotConfirmedYet: as above.
    """
    actor.require("plan.manage")
    with platform_scope(reason="cancel"):
        subscription = require_live(tenant_id)
    if not subscription.stripe_id:
        return end_unpaid(subscription, revision=revision, reason=reason)
    wanted = {"stripe_id": subscription.stripe_id, "reason": reason}
    _do(actor, tenant_id, CommandKind.CANCEL, wanted, revision=revision)
    return _now(tenant_id)


def withdraw_cancellation(*, actor: Actor, tenant_id: UUID, revision: int) -> Subscription:
    """The way back, while it still runs; as `cancel`."""
    actor.require("plan.manage")
    with platform_scope(reason="withdraw cancellation"):
        subscription = require_live(tenant_id)
    if not subscription.stripe_id:
        return go_on_unpaid(subscription, revision=revision)
    _do(actor, tenant_id, CommandKind.WITHDRAW_CANCELLATION, {"stripe_id": subscription.stripe_id}, revision=revision)
    return _now(tenant_id)


def _do(
    actor: Actor, tenant_id: UUID, kind: CommandKind, parameters: dict[str, Any], *, revision: int | None = None
) -> BillingCommand:  # Any: JSON
    return carry_out(order(tenant_id=tenant_id, kind=kind, parameters=parameters, cause=Cause.of(actor), revision=revision))


def _now(tenant_id: UUID) -> Subscription:
    with platform_scope(reason="subscription as it is now"):
        return require_live(tenant_id)


def _paid(tenant_id: UUID, plan_code: str, interval: Interval) -> tuple[Subscription, tuple[str, Sequence[str]]]:
    with platform_scope(reason="what is paid for"):
        subscription = require_live(tenant_id)
        if not subscription.stripe_id:
            raise WrongStanding(_("Nothing is paid for yet. Choose how to pay first."))
        if subscription.state not in (State.TRIALING, State.ACTIVE):
            raise WrongStanding(_("Pay what is open first; then the plan can be changed."))
        if subscription.cancel_at is not None:
            raise WrongStanding(_("Take the cancellation back first; then the plan can be changed."))
        return subscription, _prices(plan_code, subscription.currency, interval)


def _prices(plan_code: str, currency: str, interval: Interval) -> tuple[str, Sequence[str]]:
    """Stripe's price of the plan as it is sold now, and those of what it sells beyond its quotas."""
    number = int(current_terms(plan_code)["plan_version"])
    price_id = price_id_of(plan_code, number, currency, interval)
    metered = metered_price_ids(plan_code, number, currency, interval)
    if not price_id or metered is None:
        raise PlanNotFound(_("This plan cannot be paid for in your currency and interval."), field="plan_code")
    return price_id, metered


def _swap(theirs: AtStripe, price_id: str, metered: Sequence[str]) -> list[ItemChange]:
    """The plan's item with another price, and its metered items with it; add-ons stay.

    What was told of by a meter until now Stripe bills with the change, at the price that goes.
    """
    with platform_scope(reason="which item is the plan's"):
        names = prices_by_id([item.price_id for item in theirs.items])
    has = {item.price_id: item.id for item in theirs.items if item.price_id in names and names[item.price_id].quota}
    others = [item for item in theirs.items if item.price_id not in has]
    plan = [item for item in others if item.price_id in names and not names[item.price_id].is_add_on]
    return [
        ItemChange(item_id=(plan or others)[0].id, price_id=price_id),
        *(ItemChange(item_id=item_id, is_removed=True) for old, item_id in has.items() if old not in metered),
        *(ItemChange(price_id=new) for new in metered if new not in has),
    ]
