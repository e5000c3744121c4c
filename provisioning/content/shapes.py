"""Blueprints and samples as the files say them, checked and typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class CategoryShape:
    """A shelf; `icon` names a symbol of the sprite."""

    name: str
    icon: str
    description: str


@dataclass(frozen=True, slots=True)
class Look:
    """A theme package and the organization's values for its tokens."""

    package: str
    tokens: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A kind of market. `vocabulary` and `content` become the tenant's own, to be changed as the owner likes."""

    id: str
    name: str
    tagline: str
    icon: str
    locale: str
    currency: str
    time_zone: str
    look: Look
    vocabulary: Mapping[str, str]
    content: Mapping[str, object]
    categories: tuple[CategoryShape, ...]


@dataclass(frozen=True, slots=True)
class ServiceShape:
    """Price in the minor unit of the sample's currency; spans in minutes."""

    title: str
    category: str
    price_minor: int
    duration_minutes: int
    summary: str
    description: str
    included: tuple[str, ...]
    place: str
    is_by_request: bool
    buffer_after_minutes: int
    grid_step_minutes: int
    min_notice_minutes: int


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day off, some days from the day the sample is made."""

    in_days: int
    note: str

    def on(self, today: date) -> date:
        return date.fromordinal(today.toordinal() + self.in_days)


@dataclass(frozen=True, slots=True)
class ProviderShape:
    """`windows` are (weekday from 0 for Monday, start minute, end minute); `art` are features of the drawn portrait."""

    name: str
    email: str
    headline: str
    bio: str
    location: str
    tags: tuple[str, ...]
    art: Mapping[str, object]
    windows: tuple[tuple[int, int, int], ...]
    closed: tuple[ClosedDay, ...]
    services: tuple[ServiceShape, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A whole marketplace. What it does not say, its blueprint says."""

    slug: str
    name: str
    blueprint: Blueprint
    owner_name: str
    owner_email: str
    plan_code: str
    providers: tuple[ProviderShape, ...]
    customers: tuple[str, ...]
