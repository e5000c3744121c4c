"""One row per event and handler: what is to be done, how far it is, and who is at it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.ids import new_id


class MessageState(models.TextChoices):
    PENDING = "pending", _("waiting")
    LEASED = "leased", _("being handled")
    DONE = "done", _("done")
    DEAD = "dead", _("given up")


class OutboxMessage(models.Model):
    """An event on its way to one handler.

    `lease_token` is a fence: it grows with each lease, and only the holder of the latest may settle the message.
    `attempts` counts leases, `lost_leases` those that ran out because a worker died or hung.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    tenant_id = models.UUIDField(null=True)
    event_type = models.CharField(max_length=200)
    handler = models.CharField(max_length=300)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    lost_leases = models.PositiveIntegerField(default=0)
    available_at = models.DateTimeField()
    lease_owner = models.CharField(max_length=200, default="", blank=True)
    lease_token = models.BigIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    last_error = models.TextField(default="", blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox_message"
        # Two small ones, for the two questions that are asked all day. What is done is found by its id, which holds its time.
        indexes = (
            models.Index(fields=["available_at"], condition=Q(state="pending"), name="outbox_pending"),
            models.Index(fields=["leased_until"], condition=Q(state="leased"), name="outbox_leased"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(state__in=["pending", "leased", "done", "dead"]), name="outbox_state_known"),
            models.CheckConstraint(condition=~Q(state="leased") | Q(leased_until__isnull=False), name="outbox_lease_ends"),
        )

    def __str__(self) -> str:
        return f"{self.event_type} → {self.handler} ({self.state})"
