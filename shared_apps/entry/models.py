"""Who may walk into which marketplace, and the codes they walk with."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from tenants.models import Tenant
from tenants.stamp import ScopedModel


class Ownership(ScopedModel):
    """A person of the platform is a certain person (`member_id`, their public id) in a marketplace.

    By id and not by address: people change their address here and there, and an address alone proves nothing.
    """

    # The database cascades: Django would look for these rows in a marketplace's schema when one of its people is deleted.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.DB_CASCADE, related_name="+")
    tenant = models.ForeignKey(Tenant, on_delete=models.DB_CASCADE, related_name="+")
    member_id = models.UUIDField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tenant"], name="ownership_once")]


class EntryCode(ScopedModel):
    """One walk. Only a hash of the code is here; `browser_challenge` is a hash of a secret that one browser holds."""

    code_hash = models.CharField(max_length=64, unique=True)
    browser_challenge = models.CharField(max_length=64)
    ownership = models.ForeignKey(Ownership, on_delete=models.DB_CASCADE, related_name="+")
    host = models.CharField(max_length=253)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
