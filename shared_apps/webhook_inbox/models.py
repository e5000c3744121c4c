"""Events as they came and how far they are, and rounds of the reconciler; in the public schema."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from shared_apps.webhook_inbox.types import LONGEST_ERROR, LONGEST_ID, LONGEST_TYPE, EventState, Reason
from tenants.stamp import ScopedModel


class WebhookEvent(ScopedModel):
    """One event, kept once by its id.

    `kind` and `object_id` are what is looked at when it is applied: all waiting events of one object at a time. `life` counts
    how often it was given to the workers, and is part of its job's key. `tenant_id` is known once somebody has applied it.
    """

    id = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=LONGEST_ID)
    type = models.CharField(max_length=LONGEST_TYPE)
    account_id = models.CharField(max_length=LONGEST_ID, blank=True, default="")
    kind = models.CharField(max_length=LONGEST_TYPE, blank=True, default="")
    object_id = models.CharField(max_length=LONGEST_ID, blank=True, default="")
    customer_id = models.CharField(max_length=LONGEST_ID, blank=True, default="")
    tenant_id = models.UUIDField(null=True)
    state = models.CharField(max_length=12, choices=EventState, default=EventState.WAITING)
    reason = models.CharField(max_length=12, choices=Reason, blank=True, default="")
    # It never came: the reconciler has found it at Stripe.
    is_found = models.BooleanField(default=False)
    is_live = models.BooleanField(default=False)
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)
    life = models.PositiveSmallIntegerField(default=1)
    failures = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=LONGEST_ERROR, blank=True, default="")
    # The event's object, without secrets; None when it is too old, or was of somebody who is gone.
    payload = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event_id"], name="webhook_event_once"),
            models.CheckConstraint(condition=Q(state__in=EventState.values), name="webhook_state_known"),
            models.CheckConstraint(condition=Q(reason="") | Q(state="quarantined"), name="webhook_reason_of_quarantine"),
        ]
        indexes = [
            models.Index(fields=["object_id"], name="webhook_of_object"),
            models.Index(fields=["customer_id"], condition=~Q(customer_id=""), name="webhook_of_customer"),
            models.Index(fields=["tenant_id"], condition=Q(tenant_id__isnull=False), name="webhook_of_tenant"),
            models.Index(fields=["state", "received_at"], name="webhook_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id} ({self.state})"


class ForgottenEvents(ScopedModel):
    """How many applied events of a type came in a month, and are forgotten by now; of nobody in particular."""

    month_on = models.DateField()
    type = models.CharField(max_length=LONGEST_TYPE)
    count = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint("month_on", "type", name="webhook_forgotten_once")]

    def __str__(self) -> str:
        return f"{self.count} of {self.type} in {self.month_on.isoformat()}"


class ReconcileRound(ScopedModel):
    """One comparison with Stripe. `slot_at` is the ten minutes that it is for: it exists once, whoever asks.

    `found` counts events that had never come, `repaired` what each app has put right, by its name.
    """

    slot_at = models.DateTimeField(primary_key=True)
    since = models.DateTimeField(null=True)
    # Up to when all events are known to be here; empty while they could not be read.
    seen_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    listed = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    repaired = models.JSONField(default=dict)
    errors = models.JSONField(default=dict)

    @property
    def repairs(self) -> list[tuple[str, int]]:
        """Who has put right how much, of those who had anything to do."""
        return [(name, count) for name, count in self.repaired.items() if count]

    def __str__(self) -> str:
        return f"round of {self.slot_at.isoformat()}"
