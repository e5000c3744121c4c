"""What somebody is billed for, what they want to be billed for instead, and the way from one to the other; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from integrations.stripe.gateway.subscription import ItemChange, SubscriptionItem
from shared_apps.plans.types import Interval

GIVES_FROM: Final = "stoa_gives_from"
"""Under this name a subscription at Stripe says from when (seconds) the organization is given what its items say."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A version of a plan, and of add-ons so many of a version each (`{"seat": (1, 3)}`), all paid for as long."""

    plan_code: str
    plan_version: int
    interval: Interval
    add_ons: Mapping[str, tuple[int, int]]

    def as_columns(self) -> dict[str, Any]:  # Any: columns of a subscription's row
        """For the row."""
        return {
            "plan_code": self.plan_code,
            "plan_version": self.plan_version,
            "interval": self.interval.value,
            "add_ons": {code: list(held) for code, held in self.add_ons.items()},
        }


@dataclass(frozen=True, slots=True)
class Item:
    """An item at Stripe by what of ours it is."""

    code: str
    is_add_on: bool
    item: SubscriptionItem


def item_changes(items: Sequence[Item], wanted: Holding, prices: Mapping[str, str]) -> Iterator[ItemChange]:
    """What makes Stripe's items `wanted`, of which `prices` has Stripe's ids by code; nothing where they are."""
    plan = next((each for each in items if not each.is_add_on), None)
    if plan is None:
        yield ItemChange(price_id=prices[wanted.plan_code], quantity=1)
    elif plan.item.price_id != prices[wanted.plan_code]:
        yield ItemChange(item_id=plan.item.id, price_id=prices[wanted.plan_code])
    there = {each.code: each.item for each in items if each.is_add_on}
    for code, item in there.items():
        if code not in wanted.add_ons:
            yield ItemChange(item_id=item.id, is_removed=True)
    for code, (_number, quantity) in wanted.add_ons.items():
        found = there.get(code)
        if found is None:
            yield ItemChange(price_id=prices[code], quantity=quantity)
        elif (found.price_id, found.quantity) != (prices[code], quantity):
            yield ItemChange(item_id=found.id, price_id=prices[code], quantity=quantity)


def metered_changes(items: Sequence[SubscriptionItem], wanted: Sequence[str]) -> Iterator[ItemChange]:
    """What makes the metered items those of the prices `wanted`, one of each; nothing where they are.

    What a meter told of an item that goes, Stripe bills, unless it is asked for no proration at all.
    """
    there: set[str] = set()
    for item in items:
        if item.price_id in there or item.price_id not in wanted:
            yield ItemChange(item_id=item.id, is_removed=True)
        there.add(item.price_id)
    for price_id in wanted:
        if price_id not in there:
            yield ItemChange(price_id=price_id)


def gives_from(metadata: Mapping[str, str], period_start: datetime) -> datetime | None:
    """From when on what Stripe's items say is given, where that is still to come; None where it is now.

    The period that has begun is told by Stripe, so that any answer of it, however late, gives the same.
    """
    text = metadata.get(GIVES_FROM, "")
    if not text.isdecimal():
        return None
    moment = datetime.fromtimestamp(int(text), UTC)
    return moment if period_start < moment else None
