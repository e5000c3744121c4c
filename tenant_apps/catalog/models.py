"""What can be booked: categories, and the services that providers offer in them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.ids import new_id
from tenant_apps.providers.models import Provider
from tenants.stamp import ScopedModel


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


class ServiceStatus(models.TextChoices):
    """Whether a service is shown."""

    DRAFT = "draft", _("Draft")
    LIVE = "live", _("Live")
    HIDDEN = "hidden", _("Hidden")


class Approval(models.TextChoices):
    """Who decides that a booking stands."""

    INSTANT = "instant", _("Booked at once")
    REQUEST = "request", _("The provider confirms")


class Service(ScopedModel):
    """Spans are whole minutes. `buffer_*` is kept free around the shown time and never shown to the customer."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="services")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="services")
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=200, blank=True)
    description = models.TextField(max_length=8000, blank=True)
    included = models.JSONField(default=list, blank=True)
    place = models.CharField(max_length=120, blank=True)
    price_minor = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    duration_minutes = models.PositiveIntegerField()
    buffer_before_minutes = models.PositiveIntegerField(default=0)
    buffer_after_minutes = models.PositiveIntegerField(default=0)
    grid_step_minutes = models.PositiveIntegerField(default=30)
    min_notice_minutes = models.PositiveIntegerField(default=120)
    horizon_days = models.PositiveIntegerField(default=60)
    max_per_day = models.PositiveIntegerField(null=True, blank=True)
    cancel_notice_minutes = models.PositiveIntegerField(default=24 * 60)
    approval = models.CharField(max_length=16, choices=Approval, default=Approval.INSTANT)
    status = models.CharField(max_length=16, choices=ServiceStatus, default=ServiceStatus.DRAFT)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

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
