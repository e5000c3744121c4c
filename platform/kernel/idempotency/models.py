"""One row per key that a client has used: what it asked, and what it was answered."""

from __future__ import annotations

from django.db import models


class RecordState(models.TextChoices):
    STARTED = "started"
    DONE = "done"


class IdempotencyRecord(models.Model):
    """`locked_until` is also the fence: whoever takes a record over moves it, and the former holder's word counts no more."""

    principal = models.CharField(max_length=200)
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=RecordState, default=RecordState.STARTED)
    response_status = models.PositiveSmallIntegerField(null=True)
    response_body = models.JSONField(null=True)
    response_headers = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    locked_until = models.DateTimeField()

    class Meta:
        db_table = "idempotency_record"
        constraints = (models.UniqueConstraint(fields=["principal", "key"], name="idempotency_record_once"),)

    def __str__(self) -> str:
        return f"{self.principal} {self.key} ({self.state})"
