"""Archives that were asked for, and the foreign keys whose signatures the operator believes; in the public schema."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from kernel.ids import format_public_id, new_id
from shared_apps.archives.types import ARCHIVE_PREFIX, FOLDER, UNDER_WAY, ArchiveState
from tenants.models import Tenant
from tenants.stamp import ScopedModel


class Archive(ScopedModel):
    """One archive of an organization, from the wish to its deletion. Rows and files are counted while it is written."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.DB_CASCADE, related_name="+")
    # Kept by the platform to go back to, and nobody's to fetch.
    is_snapshot = models.BooleanField(default=False)
    state = models.CharField(max_length=16, choices=ArchiveState, default=ArchiveState.WAITING)
    requested_by = models.CharField(max_length=254)
    created_at = models.DateTimeField(default=timezone.now)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_total = models.PositiveBigIntegerField(default=0)
    files_done = models.PositiveBigIntegerField(default=0)
    files_total = models.PositiveBigIntegerField(default=0)
    size_bytes = models.PositiveBigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    # Nothing in it is from after this moment; it may have been asked for long before.
    taken_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            # Writing one reads everything: a second one at the same time would tell nothing new.
            models.UniqueConstraint(
                "tenant", "is_snapshot", condition=models.Q(state__in=UNDER_WAY), name="archive_one_under_way"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="archive_newest"),
            models.Index("expires_at", condition=models.Q(state=ArchiveState.READY), name="archive_due"),
        ]

    @property
    def outside_id(self) -> str:
        """The id that addresses carry."""
        return format_public_id(ARCHIVE_PREFIX, self.public_id)

    @property
    def file_name(self) -> str:
        """Where it lies below the tenant's own files."""
        return f"{FOLDER}/{self.public_id.hex}.zip"

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def done(self) -> int:
        """Rows and files that are written."""
        return self.rows_done + self.files_done

    @property
    def total(self) -> int:
        """Rows and files that there are; zero while nobody has counted."""
        return self.rows_total + self.files_total


class TrustedKey(ScopedModel):
    """The public key of another installation whose archives may be imported here (Ed25519, 64 hex digits)."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    trusted_by = models.CharField(max_length=254)
    trusted_at = models.DateTimeField(default=timezone.now)
