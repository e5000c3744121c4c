"""What was counted, of whom, in which month; what of it was told to Stripe and to the owners. Written by `services` alone.

Rows name their organization without a foreign key that holds it: they go with it (`provisioning.erasing.contents`).
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q
from django.utils import timezone

from shared_apps.metering.types import LEVELS, LONGEST_KEY, SliceState
from tenants.models import Tenant
from tenants.stamp import ScopedModel

_LONGEST_CODE: Final = 32


class CountedFact(ScopedModel):
    """That something was counted, and how much of it: with the same key it counts once."""

    pk = models.CompositePrimaryKey("tenant_id", "meter", "key")
    tenant = models.ForeignKey(Tenant, on_delete=models.DB_CASCADE, related_name="+", db_index=False)
    meter = models.CharField(max_length=_LONGEST_CODE)
    key = models.CharField(max_length=LONGEST_KEY)
    month_on = models.DateField()
    day_on = models.DateField()
    amount = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    # It was heard of when its own month was closed, and counts in the one that was under way then.
    is_late = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["occurred_at"], name="metering_fact_age")]


class MonthUsage(ScopedModel):
    """How much of a meter an organization used in a month of its own calendar; `late_amount` of it belongs to earlier ones.

    `sliced_amount` is what `amount` was when it was last looked at, and `included_most` the most that a plan has included, or
    that was told as packages, by then. At `closed_at` the last of it was written down for Stripe, which has `differs_by` more
    than it was told, as of `compared_at`.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.DB_CASCADE, related_name="+", db_index=False)
    meter = models.CharField(max_length=_LONGEST_CODE)
    month_on = models.DateField()
    amount = models.BigIntegerField(default=0)
    late_amount = models.BigIntegerField(default=0)
    counted_at = models.DateTimeField(default=timezone.now)
    sliced_amount = models.BigIntegerField(null=True)
    included_most = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    differs_by = models.BigIntegerField(null=True)
    compared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("tenant", "meter", "month_on", name="metering_month_once"),
            models.CheckConstraint(condition=Q(month_on__day=1), name="metering_month_first_day"),
        ]
        indexes = [models.Index(fields=["month_on"], name="metering_month")]


class DayUsage(ScopedModel):
    """What a day added to its month: a month is the sum of its days, also of what counts by its peak."""

    pk = models.CompositePrimaryKey("tenant_id", "meter", "day_on")
    tenant = models.ForeignKey(Tenant, on_delete=models.DB_CASCADE, related_name="+", db_index=False)
    meter = models.CharField(max_length=_LONGEST_CODE)
    day_on = models.DateField()
    amount = models.BigIntegerField(default=0)


class CapRoom(ScopedModel):
    """What was let through of something with an end, before it happened: never more than the plan says, however many ask."""

    pk = models.CompositePrimaryKey("tenant_id", "meter", "month_on")
    tenant = models.ForeignKey(Tenant, on_delete=models.DB_CASCADE, related_name="+", db_index=False)
    meter = models.CharField(max_length=_LONGEST_CODE)
    month_on = models.DateField()
    taken = models.BigIntegerField(default=0)


class RoundMark(ScopedModel):
    """Up to when the buckets of traffic were counted: after an outage the next round goes on from there."""

    name = models.CharField(max_length=32, primary_key=True)
    reached_at = models.DateTimeField()


class UsageAlert(ScopedModel):
    """That the owners were told how much of what is included is used up: once a month for each level."""

    tenant = models.ForeignKey(Tenant, on_delete=models.DB_CASCADE, related_name="+", db_index=False)
    meter = models.CharField(max_length=_LONGEST_CODE)
    month_on = models.DateField()
    level = models.PositiveSmallIntegerField()
    told_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("tenant", "meter", "month_on", "level", name="metering_told_once"),
            models.CheckConstraint(condition=Q(level__in=LEVELS), name="metering_known_level"),
        ]


class ReportedSlice(ScopedModel):
    """What a month came to beyond the included, as Stripe is told: written before the first call, told by one identifier.

    `amount` is packages that were begun. `first_tried_at` says since when Stripe may have it, as of `occurred_at`.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.DB_CASCADE, related_name="+", db_index=False)
    meter = models.CharField(max_length=_LONGEST_CODE)
    month_on = models.DateField()
    number = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    identifier = models.CharField(max_length=100, unique=True)
    customer_id = models.CharField(max_length=255)
    occurred_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=SliceState, default=SliceState.WAITING)
    first_tried_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("tenant", "meter", "month_on", "number", name="metering_slice_number"),
            models.CheckConstraint(condition=~Q(amount=0), name="metering_slice_of_something"),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state=SliceState.WAITING), name="metering_slices_waiting")]
