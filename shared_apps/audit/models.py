"""What was done on the platform, by whom and why. Written once, by the database's own word: see the trigger in 0001."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from shared_apps.audit.types import act_name
from tenants.stamp import ScopedModel


class AuditEntry(ScopedModel):
    """One act. Names and ids are copies, so that an entry outlives the people and tenants it tells of."""

    at = models.DateTimeField(default=timezone.now)
    actor_label = models.CharField(max_length=254)
    actor_kind = models.CharField(max_length=16)
    tenant_id = models.UUIDField(null=True)
    action = models.CharField(max_length=64)
    target = models.CharField(max_length=254, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "-id"], name="audit_tenant_newest")]

    @property
    def act(self) -> str:
        """What was done, in words."""
        return act_name(self.action)
