"""What can be sold: plans and add-ons, their versions with prices, and who has add-ons; `types` says what entitlements are.

A published version never changes, by the database's own word (triggers of 0004): who subscribed to it keeps what it says.
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from kernel.ids import new_id
from shared_apps.plans.types import Beyond, Interval, MoveState, PlanKind, StripeKind
from tenants.models import Tenant
from tenants.stamp import ScopedModel

_CURRENCY: Final = r"^[A-Z]{3}$"


class Plan(ScopedModel):
    """A plan or an add-on. `current` is the version that new subscribers get; None while there is only a draft.

    What stands beyond that (price, trial, entitlements) are copies of the current version for the code before versions; nobody
    reads them any more.
    """

    code = models.SlugField(max_length=32, unique=True)
    name = models.CharField(max_length=60)
    tagline = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=8, choices=PlanKind, default=PlanKind.PLAN, db_default=PlanKind.PLAN)
    current = models.ForeignKey(
        "PlanVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    price_minor = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    trial_days = models.PositiveIntegerField(default=14)
    entitlements = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    is_offered = models.BooleanField(default=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class PlanVersion(ScopedModel):
    """What a plan gives and costs from one moment on. `entitlements` maps names of the registry to their values."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    entitlements = models.JSONField(default=dict)
    trial_days = models.PositiveIntegerField(default=14)
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    # Moves on with each change of a draft, so that who edits an older one is told.
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint("plan", "number", name="plan_version_number"),
            models.UniqueConstraint("plan", condition=Q(published_at=None), name="plan_one_draft"),
            models.CheckConstraint(condition=Q(number__gte=1), name="plan_version_counts_from_one"),
        ]

    @property
    def is_draft(self) -> bool:
        """Whether it may still be changed."""
        return self.published_at is None


class PlanPrice(ScopedModel):
    """What a version costs in one currency for one interval."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="prices", db_index=False)
    currency = models.CharField(max_length=3)
    interval = models.CharField(max_length=8, choices=Interval)
    amount_minor = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint("version", "currency", "interval", name="plan_price_once"),
            models.CheckConstraint(condition=Q(currency__regex=_CURRENCY), name="plan_price_currency"),
            models.CheckConstraint(condition=Q(interval__in=Interval.values), name="plan_price_interval"),
        ]


class PlanQuota(ScopedModel):
    """What happens beyond the included amount of a quota; a quota without a row is refused there."""

    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="quotas", db_index=False)
    code = models.CharField(max_length=40)
    beyond = models.CharField(max_length=12, choices=Beyond)
    stops_at = models.PositiveBigIntegerField(null=True, blank=True)
    per_units = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint("version", "code", name="plan_quota_once"),
            models.CheckConstraint(
                condition=Q(beyond=Beyond.SOLD, per_units__gt=0) | Q(beyond=Beyond.TOLERATED, per_units=0),
                name="plan_quota_sold_per_units",
            ),
        ]


class OveragePrice(ScopedModel):
    """What each begun `per_units` beyond the included amount of a quota cost in one currency."""

    quota = models.ForeignKey(PlanQuota, on_delete=models.CASCADE, related_name="prices", db_index=False)
    currency = models.CharField(max_length=3)
    amount_minor = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint("quota", "currency", name="overage_price_once"),
            models.CheckConstraint(condition=Q(currency__regex=_CURRENCY), name="overage_price_currency"),
        ]


class TenantAddOn(ScopedModel):
    """How many of an add-on an organization has, and of which version."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+", db_index=False)
    add_on = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    quantity = models.PositiveIntegerField()
    since_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint("tenant", "add_on", name="tenant_add_on_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="tenant_add_on_some"),
        ]


class PlanMove(ScopedModel):
    """An operator's order to move organizations to a version, done by a job in parts. Its rows are its targets."""

    public_id = models.UUIDField(unique=True, default=new_id, editable=False)
    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=MoveState, default=MoveState.RUNNING)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    # Who had gone elsewhere in the meantime, or was on it already.
    skipped = models.PositiveIntegerField(default=0)
    ordered_by = models.CharField(max_length=254)
    reason = models.CharField(max_length=500, blank=True)
    ordered_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(total__gte=F("done") + F("skipped")), name="plan_move_counts"),
            models.UniqueConstraint("version", condition=Q(state=MoveState.RUNNING), name="plan_move_one_at_a_time"),
        ]


class PlanMoveTarget(ScopedModel):
    """An organization that is still to be moved; the row goes when it was."""

    move = models.ForeignKey(PlanMove, on_delete=models.CASCADE, related_name="targets", db_index=False)
    tenant_id = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint("move", "tenant_id", name="plan_move_target_once")]


class StripeLink(ScopedModel):
    """Which object at Stripe one of ours is. `drift` says in what they differ, as of `synced_at`; empty when in nothing."""

    kind = models.CharField(max_length=8, choices=StripeKind)
    # The plan's code, or the price's name (`rules.stripe`): both never change.
    ours = models.CharField(max_length=120)
    stripe_id = models.CharField(max_length=255)
    synced_at = models.DateTimeField(null=True, blank=True)
    drift = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint("kind", "ours", name="stripe_link_ours"),
            models.UniqueConstraint("kind", "stripe_id", name="stripe_link_theirs"),
        ]
