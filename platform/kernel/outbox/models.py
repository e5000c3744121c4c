"""One row per event and handler, and one per job: what is to be done, how far it is, and who is at it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.ids import new_id
from kernel.outbox.shards import PLATFORM_SHARD


class MessageState(models.TextChoices):
    PENDING = "pending", _("waiting")
    LEASED = "leased", _("being handled")
    DONE = "done", _("done")
    DEAD = "dead", _("given up")
    CANCELLED = "cancelled", _("cancelled")


class Priority(models.IntegerChoices):
    """What goes first among the work of one tenant. Between tenants it counts for nothing."""

    PROMPT = 0, _("prompt")
    PATIENT = 1, _("patient")


class OutboxMessage(models.Model):
    """An event on its way to one handler, or a job.

    `key` is a job's: with the same one it exists once in its tenant, whoever asks for it how often. `deadline_at` is when it is
    not worth beginning any more. `lease_token` is a fence: it grows with each lease, and only the holder of the latest may
    settle the message. `attempts` counts leases, `lost_leases` those that ran out because a worker died or hung. What
    `is_parked` waits for its tenant to be served again, and for nothing else. `request_id` and `actor` say who asked for it.
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
    shard = models.SmallIntegerField(db_default=PLATFORM_SHARD)
    priority = models.SmallIntegerField(choices=Priority, db_default=Priority.PROMPT)
    key = models.CharField(max_length=200, blank=True, db_default="")
    deadline_at = models.DateTimeField(null=True)
    is_parked = models.BooleanField(db_default=False)
    # For the log alone (kernel.origins).
    request_id = models.CharField(max_length=64, blank=True, db_default="")
    actor = models.CharField(max_length=64, blank=True, db_default="")

    class Meta:
        db_table = "outbox_message"
        # Small ones, for the questions that are asked all day. What is done is found by its id, which holds its time.
        indexes = (
            models.Index(fields=["available_at"], condition=Q(state="pending"), name="outbox_pending"),
            models.Index(fields=["leased_until"], condition=Q(state="leased"), name="outbox_leased"),
            # Few, and kept until somebody has looked at them; metrics count them among millions that are done.
            models.Index(fields=["shard", "tenant_id"], condition=Q(state="dead"), name="outbox_dead"),
            models.Index(
                fields=["shard", "tenant_id", "priority", "available_at"], condition=Q(state="pending"), name="outbox_waiting"
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["pending", "leased", "done", "dead", "cancelled"]), name="outbox_state_known"
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "key"], condition=~Q(key=""), nulls_distinct=False, name="outbox_key_once"
            ),
            models.CheckConstraint(condition=~Q(state="leased") | Q(leased_until__isnull=False), name="outbox_lease_ends"),
        )

    def __str__(self) -> str:
        return f"{self.event_type} → {self.handler} ({self.state})"


class Turn(models.Model):
    """When a tenant was last given a worker. Locked while the next is given, so that no two exceed its cap together."""

    tenant_id = models.UUIDField(primary_key=True)
    served_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox_turn"

    def __str__(self) -> str:
        return f"{self.tenant_id} at {self.served_at}"
