"""The versions of theme packages that this platform has; their files are in the platform's storage, by the digest."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tenants.stamp import ScopedModel


class PackageVersion(ScopedModel):
    """One version of a package, as it was installed or came with the platform's code. Its files never change.

    `findings` are the linter's warnings at that time. `installed_by` is empty for what came with the code.
    """

    digest = models.CharField(max_length=64, unique=True)
    package_id = models.CharField(max_length=32)
    version = models.CharField(max_length=14)
    name = models.CharField(max_length=60)
    description = models.CharField(max_length=300, blank=True)
    size_bytes = models.PositiveIntegerField()
    findings = models.JSONField(default=list, blank=True)
    installed_by = models.CharField(max_length=254, blank=True)
    installed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("package_id", "version", name="package_version_once"),
            models.CheckConstraint(condition=models.Q(digest__regex=r"^[0-9a-f]{64}$"), name="package_version_digest"),
        ]
