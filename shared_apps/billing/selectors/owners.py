"""What an organization's owners see of their subscription: by what is known here, without asking Stripe. From any scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from integrations.stripe import clock
from kernel.actor import Actor
from kernel.money import Money
from kernel.paging import Page, fetch_page
from shared_apps.billing.models import BillingAccount, BillingCommand, BillingInvoice, Subscription
from shared_apps.billing.rules.holding import Holding
from shared_apps.billing.rules.owing import end_of_unpaid
from shared_apps.billing.selectors.holdings import cost_of, holding_of, planned_holding, wanted_holding
from shared_apps.billing.selectors.invoices import InvoiceLine, lines_of_invoices
from shared_apps.billing.selectors.subscriptions import free_until, last_subscription
from shared_apps.billing.types import CommandKind, State
from shared_apps.plans.selectors import given_by, plan_named
from shared_apps.plans.types import Interval, Value
from tenants.scope import platform_scope

PAGE_SIZE = 20
MANAGE = "plan.manage"


@dataclass(frozen=True, slots=True)
class Planned:
    """What is ordered for the end of what is paid for. `name` is the plan's."""

    holding: Holding
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnerStanding:
    """A subscription as its owner sees it. `next_amount` is what is taken next and when, before discounts and tax.

    `open_invoices` can be paid now, the oldest first.
    """

    subscription: Subscription
    account: BillingAccount
    open_invoices: list[BillingInvoice]
    next_amount: Money | None
    next_at: datetime | None
    planned: Planned | None
    cost: Money | None = None

    @property
    def failing(self) -> BillingInvoice | None:
        """The oldest open invoice that could not be charged: it says when it is tried again, and whether the bank asks back."""
        return next((invoice for invoice in self.open_invoices if invoice.attempts), None)

    @property
    def first_charge_at(self) -> datetime | None:
        """Until when nothing is charged, for who begins to pay now; None where they pay at once."""
        return free_until(self.subscription)

    @property
    def ends_at(self) -> datetime:
        """Until when everything works, if it is cancelled now."""
        if self.is_paid_for:
            return self.next_at or self.subscription.period_end_at or clock.now()
        return end_of_unpaid(self.subscription.trial_ends_at, clock.now())

    @property
    def interval(self) -> Interval:
        """For how long each payment is."""
        return Interval(self.subscription.interval)

    @property
    def is_paid_for(self) -> bool:
        """Whether somebody has begun to pay; else there is a trial, or nothing is charged."""
        return bool(self.subscription.stripe_id) and not self.has_ended

    @property
    def has_ended(self) -> bool:
        """Whether it is over for good."""
        return self.subscription.state == State.CANCELLED

    @property
    def is_owing(self) -> bool:
        """Whether a payment is missing."""
        return self.subscription.state in (State.PAST_DUE, State.GRACE, State.SUSPENDED)

    @property
    def asks_for_period(self) -> bool:
        """Whether the period under way is to be paid, too, once what is open is (`services.presenting`)."""
        begun = self.subscription.period_start_at
        is_shut = self.subscription.state == State.SUSPENDED and self.is_paid_for and begun is not None
        return is_shut and not any(begun and invoice.issued_at >= begun for invoice in self.open_invoices)

    @property
    def can_choose(self) -> bool:
        """Whether its owner can begin to pay: nobody does yet, or no more."""
        return not self.is_paid_for and self.subscription.state != State.PAUSED

    @property
    def can_change(self) -> bool:
        """Whether what is paid for can be something else, at once or later."""
        is_settled = self.subscription.state in (State.TRIALING, State.ACTIVE)
        return self.is_paid_for and is_settled and self.planned is None and self.subscription.cancel_at is None

    @property
    def can_cancel(self) -> bool:
        """Whether there is something to cancel."""
        return not self.has_ended and self.subscription.cancel_at is None


def owner_standing(actor: Actor, tenant_id: UUID) -> OwnerStanding | None:
    """None where there never was a subscription, as of a sandbox.

    Raises:
        PermissionDenied: the actor does not manage the plan.
    """
    actor.require(MANAGE)
    with platform_scope(reason="subscription for its owner"):
        subscription = last_subscription(tenant_id)
        if subscription is None:
            return None
        planned = _planned(subscription)
        is_over = subscription.state in (State.CANCELLED, State.PAUSED) or subscription.cancel_at is not None
        will_pay = bool(subscription.stripe_id) and not is_over
        holding = planned.holding if planned else holding_of(subscription)
        return OwnerStanding(
            subscription=subscription,
            account=BillingAccount.objects.get(tenant_id=tenant_id),
            open_invoices=_open(tenant_id),
            next_amount=cost_of(holding, subscription.currency) if will_pay else None,
            next_at=_next_at(subscription) if will_pay else None,
            planned=planned,
            cost=cost_of(holding_of(subscription), subscription.currency) if subscription.stripe_id else None,
        )


def is_checkout_of(tenant_id: UUID, session_id: str) -> bool:
    """Whether this page of Checkout was opened for the organization (one query). From any scope."""
    with platform_scope(reason="whose page of Checkout"):
        rows = BillingCommand.objects.filter(tenant_id=tenant_id, kind=CommandKind.OPEN_CHECKOUT)
        return rows.filter(outcome__session_id=session_id).exists()


def invoices_for(actor: Actor, tenant_id: UUID, *, cursor: str | None) -> Page[InvoiceLine]:
    """What was billed, the newest first, a page at a time, and what of it was given back (two queries).

    Raises:
        PermissionDenied: as above.
    """
    actor.require(MANAGE)
    with platform_scope(reason="invoices for their owner"):
        # Of nothing there is nothing to pay or to keep: Stripe draws it up where a trial begins.
        rows = BillingInvoice.objects.filter(tenant_id=tenant_id).exclude(total_minor=0, paid_minor=0)
        found = fetch_page(rows, order=("-issued_at", "-id"), cursor=cursor, limit=PAGE_SIZE)
        return Page(lines_of_invoices(found.rows, clock.now()), found.next_cursor, found.previous_cursor)


def chosen_holding(
    subscription: Subscription, *, plan_code: str, interval: Interval, add_ons: Mapping[str, int] | None
) -> tuple[Holding, Money | None]:
    """What `wanted_holding` says, and what it costs by the catalogue. From any scope.

    Raises:
        PlanNotFound, Invalid: as there.
    """
    with platform_scope(reason="what somebody looks at"):
        wanted = wanted_holding(subscription, plan_code=plan_code, interval=interval, add_ons=add_ons)
        return wanted, cost_of(wanted, subscription.currency)


def entitlements_of(holding: Holding) -> Mapping[str, Value]:
    """What somebody who is billed for it may do; nothing where its version is gone. From any scope."""
    return given_by(holding.plan_code, holding.plan_version, holding.add_ons)


def _open(tenant_id: UUID) -> list[BillingInvoice]:
    rows = BillingInvoice.objects.filter(tenant_id=tenant_id, status="open", remaining_minor__gt=0)
    return list(rows.order_by("issued_at", "pk"))


def _planned(subscription: Subscription) -> Planned | None:
    found = planned_holding(subscription)
    if found is None:
        return None
    holding, at = found
    plan = plan_named(holding.plan_code)
    return Planned(holding, plan.name if plan else holding.plan_code, at)


def _next_at(subscription: Subscription) -> datetime | None:
    return subscription.trial_ends_at if subscription.state == State.TRIALING else subscription.period_end_at
