"""What letters about paying tell: how a subscription stands now, and one of its invoices. From any scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from integrations.stripe import clock
from kernel.money import Money
from shared_apps.billing.models import BillingAccount, BillingInvoice, Subscription
from shared_apps.billing.rules.holding import Holding
from shared_apps.billing.rules.owing import GRACE, PATIENCE
from shared_apps.billing.selectors.holdings import cost_of, holding_of, planned_holding
from shared_apps.billing.types import State
from shared_apps.plans.selectors import plan_named
from shared_apps.plans.types import Interval
from tenants.scope import platform_scope


@dataclass(frozen=True, slots=True)
class Bought:
    """What somebody is, or will be, billed for, in words. `add_ons` are names and numbers; without a `cost` it is unknown."""

    plan: str
    add_ons: tuple[tuple[str, int], ...]
    interval: Interval
    cost: Money | None


@dataclass(frozen=True, slots=True)
class SubscriptionNews:
    """A subscription as its letters tell of it. `contacts` are told beside the owners; `later` begins at `later_at`."""

    subscription: Subscription
    contacts: tuple[str, ...]
    now: Bought
    later: Bought | None
    later_at: datetime | None


@dataclass(frozen=True, slots=True)
class InvoiceNews:
    """An invoice as its letters tell of it. `closes_at` is when the organization is suspended, if it stays unpaid."""

    invoice: BillingInvoice
    contacts: tuple[str, ...]
    closes_at: datetime | None


def subscription_news(subscription_id: UUID) -> SubscriptionNews | None:
    """What there is to tell of a subscription (a few queries); None where it is gone."""
    with platform_scope(reason="what is told of a subscription"):
        found = Subscription.objects.filter(public_id=subscription_id).first()
        if found is None:
            return None
        planned = planned_holding(found)
        return SubscriptionNews(
            subscription=found,
            contacts=_contacts(found.tenant_id),
            now=_bought(holding_of(found), found.currency),
            later=_bought(planned[0], found.currency) if planned else None,
            later_at=planned[1] if planned else None,
        )


def invoice_news(stripe_id: str) -> InvoiceNews | None:
    """The same of an invoice (three queries)."""
    with platform_scope(reason="what is told of an invoice"):
        found = BillingInvoice.objects.filter(stripe_id=stripe_id).first()
        if found is None:
            return None
        rows = Subscription.objects.filter(~Q(stripe_id=""), stripe_id=found.subscription_stripe_id)
        billed = rows.exclude(state=State.CANCELLED).first()
        return InvoiceNews(
            invoice=found,
            contacts=_contacts(found.tenant_id),
            closes_at=_closes_at(billed) if billed else None,
        )


def _closes_at(subscription: Subscription) -> datetime | None:
    if subscription.state == State.SUSPENDED:
        return None
    # Stripe may have told of the invoice before it told of the subscription.
    return subscription.grace_until or (subscription.owing_since_at or clock.now()) + PATIENCE + GRACE


def _bought(holding: Holding, currency: str) -> Bought:
    add_ons = tuple((_name(code), quantity) for code, (_number, quantity) in sorted(holding.add_ons.items()))
    return Bought(_name(holding.plan_code), add_ons, holding.interval, cost_of(holding, currency))


def _name(code: str) -> str:
    plan = plan_named(code)
    return plan.name if plan else code


def _contacts(tenant_id: UUID) -> tuple[str, ...]:
    found = BillingAccount.objects.filter(tenant_id=tenant_id).values_list("contacts", flat=True).first()
    return tuple(found or ())
