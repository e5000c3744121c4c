"""What provisioning keeps: templates and ready-made schemas."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tenants.stamp import ScopedModel


class SchemaTemplate(ScopedModel):
    """A finished template: its row is written last, so a half-built one is never used."""

    id = models.BigAutoField(primary_key=True)
    version = models.CharField(max_length=32)
    script = models.TextField()
    fingerprint = models.CharField(max_length=64)
    built_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version"], name="schema_template_version")]


class PooledSchema(ScopedModel):
    """An empty schema `t_<tenant_id>` for a tenant that does not exist yet; a claim sets `claimed_at` and nothing undoes it."""

    id = models.BigAutoField(primary_key=True)
    tenant_id = models.UUIDField()
    version = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id"], name="pooled_schema_tenant")]
        indexes = [
            models.Index(fields=["version", "id"], condition=models.Q(claimed_at=None), name="pooled_schema_ready"),
        ]
