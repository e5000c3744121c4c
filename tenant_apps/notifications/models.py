"""Every mail that was to be sent, so that none goes out twice and none is lost without a trace."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from tenants.stamp import ScopedModel


class SentMail(ScopedModel):
    """One mail for one event and recipient: `key` names both, and is unique.

    `claimed_at` is the last time that a worker took it in hand; it is nobody's when that was long ago and `sent_at` is empty.
    `error` is why the last try failed, or why there will be no other (`refused_at`).
    """

    key = models.CharField(max_length=200, unique=True)
    template = models.CharField(max_length=60)
    to = models.EmailField()
    subject = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=1)
    sent_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
