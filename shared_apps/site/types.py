"""What the front page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from kernel.money import Money
from shared_apps.plans.models import Plan
from shared_apps.plans.types import Interval
from tenants.context import TenantContext
from themes.engine.color import Hex


@dataclass(frozen=True, slots=True)
class Stall:
    """A sample marketplace: `css_class` is the element that wears its theme, `people` the seeds of its painted faces."""

    tenant: TenantContext
    css_class: str
    motif: str
    is_dark: bool
    people: Sequence[Mapping[str, str]]
    address: str


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One thing that a plan says yes or no to; `text` is a sentence fragment for people."""

    text: str | Promise
    is_included: bool


@dataclass(frozen=True, slots=True)
class PlanCard:
    """A plan on offer, its entitlements in words. `price` is for `interval`, which is what one asked for where it is sold so.

    `saved` is what a year costs less than twelve months; None where it does not.
    """

    plan: Plan
    lines: Sequence[PlanLine]
    is_recommended: bool
    trial_days: int
    price: Money | None
    interval: Interval
    saved: Money | None


@dataclass(frozen=True, slots=True)
class PriceList:
    """The plans on offer, in one currency for one interval, and what else they can be shown in."""

    cards: Sequence[PlanCard]
    currency: str
    interval: Interval
    currencies: Sequence[str]
    has_years: bool


@dataclass(frozen=True, slots=True)
class ColorSample:
    """What the engine makes of a brand colour: the button it paints and its contrast, written as a ratio."""

    brand: Hex
    fill: Hex
    text: Hex
    edge: Hex
    ratio: str
    is_exact: bool
