"""What other apps get to see of the catalog, and what they hand in to change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.ids import format_public_id
from kernel.money import Money
from tenant_apps.providers.types import ProviderCard

SERVICE_PREFIX: Final = "svc"
CATEGORY_PREFIX: Final = "cat"


class ServiceStatus(models.TextChoices):
    """Whether a service is shown."""

    DRAFT = "draft", _("Draft")
    LIVE = "live", _("Live")
    HIDDEN = "hidden", _("Hidden")


class Approval(models.TextChoices):
    """Who decides that a booking stands."""

    INSTANT = "instant", _("Booked at once")
    REQUEST = "request", _("Confirmed by hand")


class Sorting(Enum):
    """The orders a list of services can have: the name in an address, and the columns, of which the last is unique."""

    RECOMMENDED = ("recommended", ("position", "pk"))
    PRICE_UP = ("price", ("price_minor", "pk"))
    PRICE_DOWN = ("-price", ("-price_minor", "pk"))
    NEWEST = ("newest", ("-pk",))

    def __init__(self, code: str, columns: tuple[str, ...]) -> None:
        self.code = code
        self.columns = columns

    @classmethod
    def of(cls, code: str) -> Sorting:
        """The order of this name; the usual one for a name that means nothing."""
        return next((sorting for sorting in cls if sorting.code == code), cls.RECOMMENDED)


@dataclass(frozen=True, slots=True)
class Facets:
    """What narrows a list of services. Empty values narrow nothing."""

    search: str = ""
    category: str = ""
    place: str = ""
    instant_only: bool = False
    sorting: Sorting = Sorting.RECOMMENDED

    @property
    def are_set(self) -> bool:
        """Whether anything is narrowed, so that an empty list can say why."""
        return bool(self.search or self.category or self.place or self.instant_only)


@dataclass(frozen=True, slots=True)
class CategoryCard:
    """A category with what is in it now. `lowest_price` is None when it is empty."""

    id: UUID
    slug: str
    name: str
    description: str
    icon: str
    service_count: int
    lowest_price: Money | None

    @property
    def public_id(self) -> str:
        return format_public_id(CATEGORY_PREFIX, self.id)

    @property
    def path(self) -> str:
        return f"/categories/{self.slug}/"


@dataclass(frozen=True, slots=True)
class ServiceCard:
    """A service as lists show it, with what the slot search asks of it (availability's BookableService)."""

    pk: int
    id: UUID
    slug: str
    title: str
    summary: str
    place: str
    price: Money
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    grid_step_minutes: int
    min_notice_minutes: int
    horizon_days: int
    max_per_day: int | None
    max_per_week: int | None
    approval: Approval
    status: ServiceStatus
    category_id: UUID
    category_name: str
    category_slug: str
    provider: ProviderCard

    @property
    def public_id(self) -> str:
        return format_public_id(SERVICE_PREFIX, self.id)

    @property
    def seed(self) -> str:
        """What drawings of this service are made from."""
        return self.id.hex

    @property
    def path(self) -> str:
        return f"/services/{self.slug}/"

    @property
    def is_instant(self) -> bool:
        return self.approval == Approval.INSTANT

    @property
    def is_live(self) -> bool:
        return self.status == ServiceStatus.LIVE

    @property
    def is_bookable(self) -> bool:
        return self.is_live and self.provider.is_live


@dataclass(frozen=True, slots=True)
class ServiceDetails(ServiceCard):
    """Everything a service says and asks for, for its own page, its form, and who books it."""

    description: str
    included: tuple[str, ...]
    cancel_notice_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDraft:
    """What somebody wants a service to be. `category_id` is the public id; spans are whole minutes."""

    title: str
    category_id: UUID
    price: Money
    duration_minutes: int
    summary: str = ""
    description: str = ""
    included: Sequence[str] = ()
    place: str = ""
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    grid_step_minutes: int = 30
    min_notice_minutes: int = 120
    cancel_notice_minutes: int = 24 * 60
    horizon_days: int = 60
    max_per_day: int | None = None
    max_per_week: int | None = None
    approval: Approval = Approval.INSTANT
