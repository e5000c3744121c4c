"""The plans that an organization can be on. What an entitlement means is typed in `types`; a plan gives values."""

from __future__ import annotations

from django.db import models

from tenants.stamp import ScopedModel


class Plan(ScopedModel):
    """`entitlements` maps names of the registry to a switch or a limit (null: unlimited)."""

    code = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    tagline = models.CharField(max_length=160, blank=True)
    price_minor = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    trial_days = models.PositiveIntegerField(default=14)
    entitlements = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    is_offered = models.BooleanField(default=True)

    class Meta:
        ordering = ["position"]
