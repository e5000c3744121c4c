"""What a version of a plan says, as plain values, and what is shown of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kernel.money import Money
from shared_apps.plans.types.choices import Beyond, Interval
from shared_apps.plans.types.registry import Entitlement, Value

if TYPE_CHECKING:
    from shared_apps.plans.models import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaTerms:
    """What happens beyond the included amount of a quota. Refused: the rest is empty.

    `stops_at` is the amount that is never passed, None for none. Sold: `prices` has, by currency, the minor units that each
    begun `per_units` of it cost.
    """

    beyond: Beyond = Beyond.REFUSED
    stops_at: int | None = None
    per_units: int = 0
    prices: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionContents:
    """All that a version of a plan says. Of an add-on, `entitlements` is what one of it adds.

    `prices` has minor units by currency and interval; quotas that `quotas` does not name are refused beyond what is included.
    """

    entitlements: Mapping[str, Value]
    trial_days: int = 0
    prices: Mapping[tuple[str, Interval], int] = field(default_factory=dict)
    quotas: Mapping[str, QuotaTerms] = field(default_factory=dict)
    note: str = ""

    @property
    def currencies(self) -> list[str]:
        """What it has a price in, in alphabetical order."""
        return sorted({currency for currency, _interval in self.prices})

    def price(self, currency: str, interval: Interval) -> Money | None:
        """The price in this currency for this long; None where it is not sold so."""
        amount = self.prices.get((currency, interval))
        return None if amount is None else Money(amount, currency)

    def terms(self, code: str) -> QuotaTerms:
        """What happens beyond what is included of a quota."""
        return self.quotas.get(code, QuotaTerms())


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan or an add-on with one of its versions."""

    plan: Plan
    number: int
    contents: VersionContents


@dataclass(frozen=True, slots=True)
class Addition:
    """`quantity` of an add-on, each of which adds `entitlements`, at the prices of its version."""

    contents: VersionContents
    quantity: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two versions say otherwise, in words. `code` is the entitlement's, where it is of one."""

    label: str
    before: str
    after: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class PlanStanding:
    """A plan by name, and what it costs somebody by the month and by the year; None where it is not sold so."""

    code: str
    name: str
    tagline: str
    by_month: Money | None
    by_year: Money | None


@dataclass(frozen=True, slots=True)
class LargerPlan:
    """A plan that costs more than somebody's own, and what it says otherwise, in words."""

    standing: PlanStanding
    gains: Sequence[Difference]


@dataclass(frozen=True, slots=True)
class LockedFeature:
    """A feature that the organization's plan does not include: what it does, and the smallest plan that has it.

    `plan_name` is empty, and the price None, where no plan on offer has it.
    """

    entitlement: Entitlement
    plan_code: str
    plan_name: str
    price: Money | None
    interval: Interval
