"""What can be booked: categories, and the services that providers offer in them."""

from __future__ import annotations

from typing import ClassVar, Final, Self

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from kernel.actor import Actor
from kernel.ids import new_id
from tenant_apps.catalog.rules import (
    MAX_BUFFER_MINUTES,
    MAX_DURATION_MINUTES,
    MAX_HORIZON_DAYS,
    MAX_NOTICE_MINUTES,
    MAX_PER_DAY,
    MAX_PER_WEEK,
    MAX_PRICE_MINOR,
    MIN_DURATION_MINUTES,
)
from tenant_apps.catalog.types import Approval, ServiceStatus
from tenant_apps.providers.permissions import own_condition
from tenant_apps.providers.types import SHOWN, ProviderStatus
from tenants.stamp import ScopedModel

EDIT_ALL: Final = "services.edit"
# Shorter words resemble too much.
_SHORTEST_ALIKE: Final = 4


class Category(ScopedModel):
    """A shelf of the marketplace. `icon` names a symbol of webui's sprite."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    icon = models.CharField(max_length=40, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(Lower("name"), name="category_name_unique")]


class ServiceQuerySet(models.QuerySet["Service"]):
    """Services of the current tenant."""

    def visible_to(self, actor: Actor) -> Self:
        """Those the actor may know of: what is for sale, one's own, and all for who manages them."""
        if actor.can(EDIT_ALL):
            return self
        shown = models.Q(status=ServiceStatus.LIVE, provider__status__in=SHOWN)
        return self.filter(shown | own_condition(actor, "provider__user_id"))

    def editable_by(self, actor: Actor) -> Self:
        """Those the actor may work on: one's own, and all for who manages them."""
        return self if actor.can(EDIT_ALL) else self.filter(own_condition(actor, "provider__user_id"))

    def listed(self) -> Self:
        """Those that the marketplace shows in its lists: for sale, by somebody who is there."""
        return self.filter(status=ServiceStatus.LIVE, provider__status=ProviderStatus.LIVE)

    def matching(self, word: str) -> Self:
        """Those whose words contain `word`, or whose title has one much like it; case and accents don't matter."""
        alike = models.Q()
        for column in ("title", "summary", "category__name", "provider__display_name"):
            alike |= models.Q(**{f"{column}__unaccent__icontains": word})
        if len(word) >= _SHORTEST_ALIKE:
            alike |= models.Q(title__trigram_word_similar=word)
        return self.filter(alike)

    def at(self, place: str) -> Self:
        """Those that take place there, or whose provider is from there."""
        return self.filter(models.Q(place__unaccent__icontains=place) | models.Q(provider__location__unaccent__icontains=place))

    def instant(self) -> Self:
        """Those that are booked at once."""
        return self.filter(approval=Approval.INSTANT)

    def with_names(self) -> Self:
        """With provider and category in the same query, as every list and page needs them."""
        return self.select_related("provider", "category")


class Service(ScopedModel):
    """Spans are whole minutes. `buffer_*` is kept free around the shown time and never shown to the customer.

    `max_per_*` limits the bookings of this service alone, on the provider's local day, and in its week from Monday.
    """

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    provider = models.ForeignKey("providers.Provider", on_delete=models.CASCADE, related_name="services")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="services")
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=200, blank=True)
    description = models.TextField(max_length=8000, blank=True, validators=[MaxLengthValidator(8000)])
    included = models.JSONField(default=list, blank=True)
    place = models.CharField(max_length=120, blank=True)
    price_minor = models.PositiveBigIntegerField(validators=[MaxValueValidator(MAX_PRICE_MINOR)])
    currency = models.CharField(max_length=3)
    duration_minutes = models.PositiveIntegerField(
        validators=[MinValueValidator(MIN_DURATION_MINUTES), MaxValueValidator(MAX_DURATION_MINUTES)]
    )
    buffer_before_minutes = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_BUFFER_MINUTES)])
    buffer_after_minutes = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(MAX_BUFFER_MINUTES)])
    grid_step_minutes = models.PositiveIntegerField(
        default=30, validators=[MinValueValidator(MIN_DURATION_MINUTES), MaxValueValidator(MAX_DURATION_MINUTES)]
    )
    min_notice_minutes = models.PositiveIntegerField(default=120, validators=[MaxValueValidator(MAX_NOTICE_MINUTES)])
    horizon_days = models.PositiveIntegerField(
        default=60, validators=[MinValueValidator(1), MaxValueValidator(MAX_HORIZON_DAYS)]
    )
    max_per_day = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MAX_PER_DAY)]
    )
    max_per_week = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MAX_PER_WEEK)]
    )
    cancel_notice_minutes = models.PositiveIntegerField(default=24 * 60, validators=[MaxValueValidator(MAX_NOTICE_MINUTES)])
    approval = models.CharField(max_length=16, choices=Approval, default=Approval.INSTANT)
    status = models.CharField(max_length=16, choices=ServiceStatus, default=ServiceStatus.DRAFT)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager[Service]] = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(duration_minutes__gte=5, duration_minutes__lte=24 * 60), name="service_duration"
            ),
            models.CheckConstraint(
                condition=models.Q(grid_step_minutes__gte=5, grid_step_minutes__lte=24 * 60), name="service_grid"
            ),
            models.CheckConstraint(
                condition=models.Q(buffer_before_minutes__lte=12 * 60, buffer_after_minutes__lte=12 * 60),
                name="service_buffers",
            ),
        ]
