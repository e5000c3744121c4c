"""What the front page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from shared_apps.plans.models import Plan
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
    """A plan on offer, its entitlements in words."""

    plan: Plan
    lines: Sequence[PlanLine]
    is_recommended: bool


@dataclass(frozen=True, slots=True)
class ColorSample:
    """What the engine makes of a brand colour: the button it paints and its contrast, written as a ratio."""

    brand: Hex
    fill: Hex
    text: Hex
    edge: Hex
    ratio: str
    is_exact: bool
