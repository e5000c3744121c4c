"""Isolation reports, in the public schema: workers write them, operators are told of a bad one, they go with their tenant."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.utils import timezone

from kernel.ids import format_public_id, new_id
from shared_apps.isolation.types import GIVEN_UP_AFTER, REPORT_PREFIX, UNDER_WAY, ReportState, Verdict
from tenants.models import Tenant
from tenants.stamp import ScopedModel

_LONGEST_KEY: Final = 64
_LONGEST_SIGNATURE: Final = 128


class IsolationReport(ScopedModel):
    """One report, from the wish to the signed words. `document` is exactly what was signed."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.DB_CASCADE, related_name="+", db_index=False)
    state = models.CharField(max_length=16, choices=ReportState, default=ReportState.WAITING)
    verdict = models.CharField(max_length=16, choices=Verdict, blank=True)
    requested_by = models.CharField(max_length=254)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    # When a part was last noted: how long nobody has been heard of follows from it.
    noted_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    parts_done = models.PositiveSmallIntegerField(default=0)
    # What was found so far: family → trials.
    trials = models.JSONField(default=dict)
    document = models.TextField(blank=True)
    signature = models.CharField(max_length=_LONGEST_SIGNATURE, blank=True)
    key = models.CharField(max_length=_LONGEST_KEY, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("tenant", condition=models.Q(state__in=UNDER_WAY), name="isolation_one_under_way"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="isolation_newest"),
            models.Index(fields=["tenant"], condition=models.Q(verdict=Verdict.BROKEN), name="isolation_broken"),
        ]

    @property
    def outside_id(self) -> str:
        """The id that addresses carry."""
        return format_public_id(REPORT_PREFIX, self.public_id)

    def is_under_way(self, now: datetime) -> bool:
        """Whether somebody works on it, or will."""
        return self.state in UNDER_WAY and now - self.noted_at < GIVEN_UP_AFTER

    @property
    def took(self) -> timedelta:
        """How long the attempts took altogether, of a finished one."""
        return (self.finished_at or self.noted_at) - (self.started_at or self.created_at)
