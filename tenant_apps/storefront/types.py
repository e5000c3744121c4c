"""What the marketplace's pages are filled with: the shapes that theme packages and our own templates read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from tenant_apps.catalog.types import ServiceCard
from tenant_apps.providers.types import ProviderCard

WHEN_TODAY: Final = "today"
WHEN_WEEK: Final = "week"


@dataclass(frozen=True, slots=True)
class SlotLink:
    """A free time as people say it ("Today 16:30"), and the page that books it."""

    text: str
    url: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Meta:
    """What a page says of itself to search engines and to those who share it. `image` is a path; empty: the brand's."""

    title: str
    description: str
    path: str
    image: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A place to go."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class LinkColumn:
    """Links under a heading, in the footer."""

    title: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class CategoryTile:
    """A category on the front page."""

    name: str
    slug: str
    icon: str
    url: str
    meta: str


@dataclass(frozen=True, slots=True)
class ProviderTile:
    """A provider's card, in the words that theme packages know (themes/packages/*/templates/partials/provider.html)."""

    card: ProviderCard
    price_from: str
    next_slots: tuple[SlotLink, ...] = ()

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def url(self) -> str:
        return self.card.path

    @property
    def headline(self) -> str:
        return self.card.headline

    @property
    def location(self) -> str:
        return self.card.location

    @property
    def tags(self) -> tuple[str, ...]:
        return self.card.tags

    @property
    def seed(self) -> str:
        return self.card.seed

    @property
    def art(self) -> Mapping[str, object]:
        return self.card.art

    @property
    def photo_url(self) -> str:
        return self.card.photo_url

    @property
    def cover_url(self) -> str:
        return self.card.cover_url

    @property
    def next_slot(self) -> SlotLink | None:
        return self.next_slots[0] if self.next_slots else None


@dataclass(frozen=True, slots=True)
class ServiceTile:
    """A service's card. `name` and `price_from` are the words of theme packages."""

    card: ServiceCard
    price_from: str
    next_slots: tuple[SlotLink, ...] = ()

    @property
    def name(self) -> str:
        return self.card.title

    @property
    def url(self) -> str:
        return self.card.path

    @property
    def next_slot(self) -> SlotLink | None:
        return self.next_slots[0] if self.next_slots else None


@dataclass(frozen=True, slots=True)
class Section:
    """One section of the home page. `scheme` turns this section light or dark whatever the page is."""

    id: str
    template: str
    settings: Mapping[str, object]
    variant: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class SearchBar:
    """What the search bar asks and holds. Without `places` it does not ask where."""

    action: str
    what: str = ""
    what_label: str = ""
    what_placeholder: str = ""
    where: str = ""
    where_label: str = ""
    where_placeholder: str = ""
    when: str = ""
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HomePage:
    """The `page` of section templates. Reviews and ratings come with their own app."""

    links: Mapping[str, str]
    search: SearchBar
    categories: Sequence[CategoryTile]
    providers: Sequence[ProviderTile]
    services: Sequence[ServiceTile]
    steps: Sequence[Mapping[str, str]] = ()
    stats: Sequence[Mapping[str, str]] = ()
    faq: Sequence[Mapping[str, str]] = ()
    reviews: Sequence[Mapping[str, object]] = field(default_factory=tuple)
    rating: Mapping[str, object] | None = None

    @property
    def first_free(self) -> SlotLink | None:
        """The earliest of all times that stand on this page."""
        tiles: tuple[ProviderTile | ServiceTile, ...] = (*self.providers, *self.services)
        return min((slot for tile in tiles for slot in tile.next_slots), key=lambda slot: slot.starts_at, default=None)
