"""What subscriptions are billed for, what else can be had, and what it costs by the catalogue. On the platform's tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from kernel.errors import Invalid
from kernel.money import Money
from shared_apps.billing.models import Subscription
from shared_apps.billing.rules.holding import Holding
from shared_apps.billing.types import State
from shared_apps.plans.errors import PlanNotFound
from shared_apps.plans.selectors import (
    all_plans,
    metered_price_ids,
    number_for_sale,
    price_id_of,
    version_contents,
    version_prices,
)
from shared_apps.plans.types import Interval, PlanKind

MOST_OF_ONE: Final = 500
"""Of an add-on: more is a slip of the finger."""


def holding_of(subscription: Subscription) -> Holding:
    """What it is billed for now."""
    add_ons = {code: (number, quantity) for code, (number, quantity) in subscription.add_ons.items()}
    return Holding(subscription.plan_code, subscription.plan_version, Interval(subscription.interval), add_ons)


def planned_holding(subscription: Subscription) -> tuple[Holding, datetime] | None:
    """What it is billed for from when on, where that was ordered; None where nothing changes by itself."""
    planned = subscription.planned
    at = parse_datetime(planned.get("at", ""))
    if at is None:
        return None
    add_ons = {code: (number, quantity) for code, (number, quantity) in planned["add_ons"].items()}
    return Holding(planned["plan_code"], planned["plan_version"], Interval(planned["interval"]), add_ons), at


def holding_words(holding: Holding) -> str:
    """As the audit trail has it: “Studio, month, 2 × Extra provider” (one query)."""
    names = {plan.code: plan.name for plan in all_plans()}
    add_ons = [f"{quantity} × {names.get(code, code)}" for code, (_number, quantity) in holding.add_ons.items()]
    return ", ".join([names.get(holding.plan_code, holding.plan_code), holding.interval.value, *add_ons])


def wanted_holding(
    subscription: Subscription, *, plan_code: str, interval: Interval, add_ons: Mapping[str, int] | None
) -> Holding:
    """What it would be: versions that are held stay (grandfathering), others are today's; add-ons stay where none are named.

    Raises:
        PlanNotFound: a plan or an add-on is not for sale.
        Invalid: fewer than none of an add-on, or more than anybody needs; blames it.
    """
    held = holding_of(subscription)
    number = held.plan_version if plan_code == held.plan_code else number_for_sale(plan_code)
    wanted = {code: quantity for code, (_number, quantity) in held.add_ons.items()} if add_ons is None else dict(add_ons)
    for code, quantity in wanted.items():
        if not 0 <= quantity <= MOST_OF_ONE:
            raise Invalid(_("Choose up to %(most)d.") % {"most": MOST_OF_ONE}, field=code)
    return Holding(
        plan_code=plan_code,
        plan_version=number,
        interval=interval,
        add_ons={
            code: (held.add_ons[code][0] if code in held.add_ons else number_for_sale(code, kind=PlanKind.ADD_ON), quantity)
            for code, quantity in wanted.items()
            if quantity
        },
    )


def prices_of(holding: Holding, currency: str) -> dict[str, str]:
    """Stripe's ids of its prices, by code.

    Raises:
        PlanNotFound: Stripe has no such price (yet), or it is not sold in this currency and for this long.
    """
    plan_price = price_id_of(holding.plan_code, holding.plan_version, currency, holding.interval)
    return _all_found({holding.plan_code: plan_price}) | add_on_prices_of(holding, currency)


def add_on_prices_of(holding: Holding, currency: str) -> dict[str, str]:
    """The same of its add-ons alone."""
    numbers = {code: number for code, (number, _quantity) in holding.add_ons.items()}
    return _all_found({code: price_id_of(code, number, currency, holding.interval) for code, number in numbers.items()})


def _all_found(found: dict[str, str]) -> dict[str, str]:
    if not all(found.values()):
        raise PlanNotFound(_("This plan cannot be paid for in your currency and interval."), field="plan_code")
    return found


def metered_of(holding: Holding, currency: str) -> Sequence[str]:
    """Stripe's ids of the prices of what its plan sells beyond its quotas.

    Raises:
        PlanNotFound: Stripe has not all of them (yet).
    """
    found = metered_price_ids(holding.plan_code, holding.plan_version, currency, holding.interval)
    if found is None:
        raise PlanNotFound(_("This plan cannot be paid for in your currency and interval."), field="plan_code")
    return found


def cost_of(holding: Holding, currency: str) -> Money | None:
    """What it costs by the month or year, before discounts and tax; None where a version of it is gone."""
    parts = [(holding.plan_code, holding.plan_version, 1)]
    parts += [(code, number, quantity) for code, (number, quantity) in holding.add_ons.items()]
    total = 0
    for code, number, quantity in parts:
        contents = version_contents(code, number)
        price = contents.price(currency, holding.interval) if contents else None
        if price is None:
            return None
        total += price.amount_minor * quantity
    return Money(total, currency)


@dataclass(frozen=True, slots=True)
class VersionCost:
    """What somebody pays each `interval` for their plan and add-ons now, and would pay with another version of the plan.

    `after` is None where that is not sold to them; `at` is when they would pay it first.
    """

    before: Money
    after: Money | None
    interval: Interval
    at: datetime | None


def costs_of_version(tenant_ids: Collection[UUID], plan_code: str, number: int) -> dict[UUID, VersionCost]:
    """Of each of these organizations that is billed for the plan, before discounts and tax (two queries)."""
    rows = Subscription.objects.filter(tenant_id__in=tenant_ids, plan_code=plan_code).exclude(state=State.CANCELLED)
    prices = version_prices()
    found = {}
    for row in rows.exclude(stripe_id="").order_by("pk"):
        held = holding_of(row)
        before = cost_by_prices(held, row.currency, prices)
        after = cost_by_prices(replace(held, plan_version=number), row.currency, prices)
        if before is not None:
            found[row.tenant_id] = VersionCost(before, after, held.interval, row.period_end_at)
    return found


def cost_by_prices(holding: Holding, currency: str, prices: Mapping[tuple[str, int, str, str], int]) -> Money | None:
    """The same as `cost_of`, of many, by prices that were read before."""
    parts = [(holding.plan_code, holding.plan_version, 1)]
    parts += [(code, number, quantity) for code, (number, quantity) in holding.add_ons.items()]
    amounts = [(prices.get((code, number, currency, holding.interval)), quantity) for code, number, quantity in parts]
    if any(amount is None for amount, _quantity in amounts):
        return None
    return Money(sum((amount or 0) * quantity for amount, quantity in amounts), currency)
