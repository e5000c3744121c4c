"""The profile of a provider: a person or team whose time can be booked."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.ids import new_id
from tenants.stamp import ScopedModel


class ProviderStatus(models.TextChoices):
    """Whether a profile is shown and can be booked (BOOKING row 9)."""

    DRAFT = "draft", _("Draft")
    LIVE = "live", _("Live")
    PAUSED = "paused", _("Paused")
    LEAVING = "leaving", _("Leaving")
    BANNED = "banned", _("Banned")


class Provider(ScopedModel):
    """`time_zone` is the zone of the provider's working hours (IANA name)."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="provider"
    )
    slug = models.SlugField(max_length=60, unique=True)
    display_name = models.CharField(max_length=80)
    headline = models.CharField(max_length=120, blank=True)
    bio = models.TextField(max_length=4000, blank=True)
    location = models.CharField(max_length=120, blank=True)
    tags = models.JSONField(default=list, blank=True)
    time_zone = models.CharField(max_length=64)
    status = models.CharField(max_length=16, choices=ProviderStatus, default=ProviderStatus.DRAFT)
    logo = models.CharField(max_length=200, blank=True)
    header_image = models.CharField(max_length=200, blank=True)
    # Features of the drawn portrait that stands in until a photo is there (themes.engine.art).
    art = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["position", "id"]
