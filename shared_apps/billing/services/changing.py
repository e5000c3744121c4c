"""Being billed for something else: looked at to the smallest unit first, then done at that price, at once or later.

What costs more, or is paid for as long as never before, is given and paid at once. What only costs less waits for the end of
what is paid for: Stripe is told the new prices at once, without any proration, so that its own next invoice has them, and
from when they are given stands on the subscription there (`rules.holding`). Nothing of ours has to happen at that moment.

What is sold beyond quotas has metered items, which are the plan's in force: what is given at once brings its own with it, and
for what waits they stay; they are changed when it has come into force (`services.metered`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from integrations.stripe import clock
from integrations.stripe.gateway.invoice import InvoiceLine
from integrations.stripe.gateway.subscription import ItemChange, Proration
from integrations.stripe.gateway.subscription import Subscription as AtStripe
from kernel.actor import Actor
from kernel.errors import Invalid
from kernel.money import Money
from shared_apps.billing.errors import WrongStanding
from shared_apps.billing.models import Subscription
from shared_apps.billing.rules.holding import Holding, Item, item_changes, metered_changes
from shared_apps.billing.selectors import (
    cost_of,
    holding_of,
    holding_words,
    metered_of,
    planned_holding,
    prices_of,
    require_live,
    wanted_holding,
)
from shared_apps.billing.services.applying import apply_subscription
from shared_apps.billing.services.commands import carry_out, order
from shared_apps.billing.services.gateway import asking, stripe
from shared_apps.billing.services.unpaid import day_of
from shared_apps.billing.types import Cause, CommandKind, State
from shared_apps.plans.selectors import prices_by_id
from shared_apps.plans.types import Interval
from tenants.scope import platform_scope


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What a change costs now, to the smallest unit, and the look that it belongs to.

    `due` is what is taken from the card at once; where it is negative, `credit` is kept for the next invoices. `then` is what
    each further month or year costs. With `gives_at` nothing is due, and everything stays until that moment. Within a trial
    nothing is due either: `first` is what is taken at its end, `first_at`.
    """

    due: Money
    credit: Money
    lines: tuple[InvoiceLine, ...]
    prorated_at: datetime
    revision: int
    # Of the invoice of today, as Stripe says; None where there is none.
    subtotal: Money | None = None
    tax: Money | None = None
    total: Money | None = None
    then: Money | None = None
    gives_at: datetime | None = None
    first: Money | None = None
    first_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Wish:
    subscription: Subscription
    holding: Holding
    prices: Mapping[str, str]
    metered: Sequence[str]
    before: Money | None
    after: Money | None

    @property
    def is_free_now(self) -> bool:
        """Whether it is in its trial, at Stripe too: the next invoice is the first, with whatever it is on then."""
        return self.subscription.state == State.TRIALING

    @property
    def waits(self) -> bool:
        """Whether it only takes something away that is paid for already."""
        if self.subscription.state != State.ACTIVE or self.holding.interval != self.subscription.interval:
            return False
        return self.before is not None and self.after is not None and self.after < self.before


def preview_change(
    *, actor: Actor, tenant_id: UUID, plan_code: str, interval: Interval, add_ons: Mapping[str, int] | None = None
) -> ChangePreview:
    """What it would cost to be on a plan with so many of each add-on (by code; None: as many as now); changes nothing.

    Raises:
        PermissionDenied, NoSubscription, PlanNotFound.
        Invalid: nothing of it would be another.
        WrongStanding: nothing is paid yet; Checkout shows what it costs. Or something else is under way.
    """
    actor.require("plan.manage")
    wish = _wish(tenant_id, plan_code, interval, add_ons)
    if wish.waits:
        zero, at = Money.zero(wish.subscription.currency), clock.now().replace(microsecond=0)
        later = wish.subscription.period_end_at
        return ChangePreview(zero, zero, (), at, wish.subscription.revision, then=wish.after, gives_at=later)
    return _priced(wish)


def change_plan(
    *,
    actor: Actor,
    tenant_id: UUID,
    plan_code: str,
    interval: Interval,
    revision: int,
    prorated_at: datetime,
    add_ons: Mapping[str, int] | None = None,
) -> Subscription:
    """Be on it from now on, at the price of the preview of `revision` and `prorated_at`; or from the end of what is paid for.

    Raises:
        PermissionDenied, NoSubscription, PlanNotFound, Invalid, WrongStanding: as above.
        SubscriptionChanged: somebody else was first.
        CommandRefused: the payment failed; everything is as before.
        NotConfirmedYet: Stripe has not answered; it goes on by itself.
    """
    actor.require("plan.manage")
    wish = _wish(tenant_id, plan_code, interval, add_ons)
    later = wish.subscription.period_end_at if wish.waits else None
    wanted = {
        "proration": (Proration.NONE if later else Proration.INVOICE_NOW).value,
        "prorated_at": None if later else int(prorated_at.timestamp()),
        "gives_from": None if later is None else int(later.timestamp()),
        **_told("billing.change_planned" if later else "billing.plan_changed", holding_of(wish.subscription), wish.holding),
        **day_of(later),
    }
    return _order(actor, wish.subscription, _changes(wish, keeps_metered=wish.waits), wanted, revision=revision)


def withdraw_change(*, actor: Actor, tenant_id: UUID, revision: int) -> Subscription:
    """Stay on what one has, where a change waits for the end of what is paid for; as `change_plan`."""
    actor.require("plan.manage")
    with platform_scope(reason="withdraw a change"):
        subscription = require_live(tenant_id)
        if not subscription.planned:
            raise WrongStanding(_("Nothing is planned that could be taken back."))
        holding = holding_of(subscription)
        planned = planned_holding(subscription)
        told = _told("billing.change_withdrawn", planned[0] if planned else holding, holding)
        wish = _Wish(subscription, holding, prices_of(holding, subscription.currency), (), None, None)
    wanted = {"proration": Proration.NONE.value, "prorated_at": None, "gives_from": None, **told}
    return _order(actor, subscription, _changes(wish, keeps_metered=True), wanted, revision=revision)


def _catch_up(tenant_id: UUID) -> None:
    """Hear of a period that has begun before it is told: what waits would otherwise wait for an end that is over."""
    with platform_scope(reason="has another period begun"):
        found = require_live(tenant_id)
    if found.stripe_id and found.period_end_at is not None and found.period_end_at <= clock.now():
        with asking():
            apply_subscription(found.stripe_id)


def _wish(tenant_id: UUID, plan_code: str, interval: Interval, add_ons: Mapping[str, int] | None) -> _Wish:
    _catch_up(tenant_id)
    with platform_scope(reason="what somebody wants to be billed for"):
        subscription = require_live(tenant_id)
        _require_changeable(subscription)
        held = holding_of(subscription)
        wanted = wanted_holding(subscription, plan_code=plan_code, interval=interval, add_ons=add_ons)
        if wanted == held:
            raise Invalid(_("That is what you have."))
        currency = subscription.currency
        prices, metered = prices_of(wanted, currency), metered_of(wanted, currency)
        return _Wish(subscription, wanted, prices, metered, cost_of(held, currency), cost_of(wanted, currency))


def _require_changeable(subscription: Subscription) -> None:
    if not subscription.stripe_id:
        raise WrongStanding(_("Nothing is paid for yet. Choose how to pay first."))
    if subscription.state not in (State.TRIALING, State.ACTIVE):
        raise WrongStanding(_("Pay what is open first; then the plan can be changed."))
    if subscription.cancel_at is not None:
        raise WrongStanding(_("Take the cancellation back first; then the plan can be changed."))
    if subscription.planned:
        # At Stripe the items are the planned ones: a proration would give back less than was paid.
        raise WrongStanding(_("Take the planned change back first; then another one can be made."))


def _priced(wish: _Wish) -> ChangePreview:
    at = clock.now().replace(microsecond=0)
    with asking():
        theirs = stripe().subscriptions.get(wish.subscription.stripe_id)
        invoice = stripe().subscriptions.preview(
            customer_id=theirs.customer_id,
            subscription_id=theirs.id,
            changes=_changes_of(theirs, wish, keeps_metered=False),
            proration=Proration.INVOICE_NOW,
            prorated_at=at,
        )
    zero = Money.zero(invoice.currency)
    if wish.is_free_now:
        trial = wish.subscription
        first, first_at = invoice.amount_due, trial.trial_ends_at
        return ChangePreview(zero, zero, (), at, trial.revision, then=wish.after, first=first, first_at=first_at)
    return ChangePreview(
        due=invoice.amount_due,
        credit=-invoice.total if invoice.total < zero else zero,
        lines=invoice.lines,
        subtotal=invoice.total - invoice.tax,
        tax=invoice.tax,
        total=invoice.total,
        prorated_at=at,
        revision=wish.subscription.revision,
        then=wish.after,
    )


def _changes(wish: _Wish, *, keeps_metered: bool) -> list[ItemChange]:
    with asking():
        return _changes_of(stripe().subscriptions.get(wish.subscription.stripe_id), wish, keeps_metered=keeps_metered)


def _changes_of(theirs: AtStripe, wish: _Wish, *, keeps_metered: bool) -> list[ItemChange]:
    """By what Stripe has now; items that are none of ours are left alone."""
    with platform_scope(reason="whose items these are"):
        names = prices_by_id([item.price_id for item in theirs.items])
    named = [(names[item.price_id], item) for item in theirs.items if item.price_id in names]
    items = [Item(name.plan_code, name.is_add_on, item) for name, item in named if not name.quota]
    metered = [item for name, item in named if name.quota]
    others = () if keeps_metered else metered_changes(metered, wish.metered)
    return [*item_changes(items, wish.holding, wish.prices), *others]


def _told(act: str, before: Holding, after: Holding) -> dict[str, str]:
    """As what the audit trail has it, from what to what."""
    with platform_scope(reason="names of what is held"):
        return {"act": act, "from": holding_words(before), "to": holding_words(after)}


def _order(
    actor: Actor, subscription: Subscription, changes: list[ItemChange], more: dict[str, Any], *, revision: int
) -> Subscription:  # Any: JSON
    wanted = {"stripe_id": subscription.stripe_id, "changes": [asdict(change) for change in changes], **more}
    tenant_id = subscription.tenant_id
    kind, cause = CommandKind.CHANGE_PLAN, Cause.of(actor)
    carry_out(order(tenant_id=tenant_id, kind=kind, parameters=wanted, cause=cause, revision=revision))
    with platform_scope(reason="subscription as it is now"):
        return require_live(tenant_id)
