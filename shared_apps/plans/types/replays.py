"""What was used, and what it would have cost and met under another version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kernel.money import Money, sum_money
from shared_apps.plans.types.registry import Entitlement


@dataclass(frozen=True, slots=True)
class Excess:
    """An organization uses more of something than it would be allowed."""

    entitlement: Entitlement
    used: int
    limit: int

    @property
    def by(self) -> int:
        """How much must go."""
        return self.used - self.limit


type MonthUse = Mapping[str, int]
"""What an organization used in a month, by the entitlement's code; what nobody counted is left out."""

type UsageByMonth = Mapping[date, MonthUse]
"""By the month's first day."""


@dataclass(frozen=True, slots=True)
class MonthReplayed:
    """A month's usage under one version: what it would have cost, what of that beyond the included, and who was refused."""

    month: date
    paid: Money
    overage: Money
    hits: Sequence[Excess]


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantReplay:
    """What one organization used, replayed under its own version (`before`) and under another (`after`), month by month.

    `exceeds` is what it would have too much of there, by the most that it used in these months or in the current one.
    """

    tenant_id: UUID
    name: str
    slug: str
    number: int
    before: Sequence[MonthReplayed]
    after: Sequence[MonthReplayed]
    exceeds: Sequence[Excess]
    currency: str

    @property
    def paid_before(self) -> Money:
        """All months together, as it is."""
        return sum_money((month.paid for month in self.before), currency=self.currency)

    @property
    def paid_after(self) -> Money:
        """All months together, as it would have been."""
        return sum_money((month.paid for month in self.after), currency=self.currency)

    @property
    def difference(self) -> Money:
        """How much more it would have paid; less than nothing for less."""
        return self.paid_after - self.paid_before

    @property
    def overage_after(self) -> Money:
        """What of `paid_after` is for what was used beyond the included."""
        return sum_money((month.overage for month in self.after), currency=self.currency)

    @property
    def hits_before(self) -> Sequence[Excess]:
        """What it would have been refused as it is, the worst month of each."""
        return worst_of(self.before)

    @property
    def hits_after(self) -> Sequence[Excess]:
        """What it would have been refused, the worst month of each."""
        return worst_of(self.after)


def worst_of(months: Iterable[MonthReplayed]) -> list[Excess]:
    """Of everything that was refused, the month in which most was asked for."""
    worst: dict[str, Excess] = {}
    for hit in (hit for month in months for hit in month.hits):
        known = worst.get(hit.entitlement.code)
        if known is None or hit.used > known.used:
            worst[hit.entitlement.code] = hit
    return list(worst.values())


@dataclass(frozen=True, slots=True)
class ReplaySum:
    """All organizations that pay in one currency, together."""

    currency: str
    tenants: int
    before: Money
    after: Money
    overage: Money

    @property
    def difference(self) -> Money:
        """How much more would have come in."""
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Whole months of usage replayed against a version. `unknown` has the quotas that nobody has counted in any of them.

    `without_usage` counts the organizations of which nothing is known; they are replayed as if they had used nothing.
    """

    months: Sequence[date]
    replays: Sequence[TenantReplay]
    sums: Sequence[ReplaySum]
    unknown: Sequence[Entitlement]
    without_usage: int

    @property
    def refused_before(self) -> int:
        """How many met a limit as it is."""
        return sum(1 for replay in self.replays if replay.hits_before)

    @property
    def refused_after(self) -> int:
        """How many would have met a limit."""
        return sum(1 for replay in self.replays if replay.hits_after)

    @property
    def exceeding(self) -> Sequence[TenantReplay]:
        """Who would have too much of something, were it moved today."""
        return [replay for replay in self.replays if replay.exceeds]
