"""The ledger of recurring revenue: one entry for each change of what a subscription counts for, final.

It outlives who it is about: an erased organization's entries stay, without its name, so that what was earned does not change.
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import F, Q

from shared_apps.billing.models import Subscription
from shared_apps.billing.types import State
from shared_apps.business.types import Facts, Movement
from shared_apps.plans.types import Interval
from tenants.stamp import ScopedModel

_CURRENCY: Final = r"^[A-Z]{3}$"


class MrrEntry(ScopedModel):
    """From `before_minor` to `after_minor` a month, in `currency`, with the facts that the latter follows from.

    `movement` is empty where only the facts changed. Entries of a subscription are numbered from one, and those of a currency
    are a chain (0002).
    """

    tenant_id = models.UUIDField()
    # No constraint: the entry stays when the subscription is erased.
    subscription = models.ForeignKey(
        Subscription, to_field="public_id", on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )
    number = models.PositiveIntegerField()
    # The subscription's, with which it came to this: its move is found by it.
    revision = models.PositiveIntegerField()
    at = models.DateTimeField()
    movement = models.CharField(max_length=12, choices=Movement, blank=True)
    currency = models.CharField(max_length=3)
    before_minor = models.PositiveBigIntegerField()
    after_minor = models.PositiveBigIntegerField()
    state = models.CharField(max_length=12, choices=State)
    is_billed = models.BooleanField()
    plan_code = models.CharField(max_length=32)
    plan_version = models.PositiveIntegerField()
    interval = models.CharField(max_length=8, choices=Interval)
    add_ons = models.JSONField(default=dict, blank=True)
    # Empty in entries from before it was asked: what was earned stays written.
    has_paid = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("subscription", "number", name="mrr_entry_once"),
            models.CheckConstraint(condition=Q(currency__regex=_CURRENCY), name="mrr_entry_currency"),
            models.CheckConstraint(condition=Q(movement__in=["", *Movement.values]), name="mrr_entry_movement"),
            models.CheckConstraint(
                condition=Q(movement="", before_minor=F("after_minor")) | ~Q(movement="") & ~Q(before_minor=F("after_minor")),
                name="mrr_entry_moves_by_something",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "at"], name="mrr_entry_of_tenant"),
            models.Index(fields=["currency", "at"], name="mrr_entry_by_month"),
        ]

    @property
    def facts(self) -> Facts:
        """What `after_minor` follows from."""
        return Facts(
            self.state, self.is_billed, self.plan_code, self.plan_version, self.interval, self.currency, self.add_ons,
            self.has_paid,
        )  # fmt: skip
