"""What provisioning keeps: runs with their steps, templates, and ready-made schemas; in the public schema."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from kernel.ids import new_id
from provisioning.health.types import HealthState
from provisioning.types import (
    ACTIVE_RUNS,
    ENDED_FLEETS,
    OF_SANDBOXES,
    OPEN_MOVES,
    FleetState,
    MoveState,
    RunKind,
    RunState,
    StepState,
    Wave,
)
from tenants.models import Tenant
from tenants.stamp import ScopedModel


class Run(ScopedModel):
    """One act of provisioning. What it has done so far is told by its steps alone, so any worker can carry it on.

    `public_id` is chosen by whoever asks, who can thus watch a run that does not exist yet; it also holds the name.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=new_id)
    kind = models.CharField(max_length=32, choices=RunKind)
    # No foreign key: an undone run outlives its tenant.
    tenant_id = models.UUIDField(null=True, blank=True)
    request = models.JSONField()
    state = models.CharField(max_length=16, choices=RunState, default=RunState.PENDING)
    requested_by = models.CharField(max_length=254)
    idempotency_key = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="run_public_id"),
            models.UniqueConstraint(fields=["idempotency_key"], name="run_idempotency_key"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state__in=ACTIVE_RUNS), name="run_active"),
            models.Index(fields=["tenant_id"], name="run_tenant"),
            # Few, among a snapshot of each organization each night: they are looked for by what stands in `request`.
            models.Index(fields=["id"], condition=models.Q(kind__in=OF_SANDBOXES), name="run_of_sandbox"),
        ]


class Leased(ScopedModel):
    """A piece of work of which one worker at a time has a lease.

    `lease_token` is a fence: it grows with each lease, and the work is finished only under the latest. A worker that was
    stopped for longer than its lease finds its token worn out, and what it did in that transaction is rolled back.
    """

    attempt = models.PositiveSmallIntegerField(default=0)
    lease_owner = models.CharField(max_length=120, blank=True)
    lease_token = models.PositiveBigIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True


class Step(Leased):
    """One step of a run, and who is at it."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps", db_index=False)
    name = models.CharField(max_length=32)
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=16, choices=StepState, default=StepState.PENDING)
    result = models.JSONField(default=dict)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="step_position")]


class SchemaTemplate(ScopedModel):
    """A finished template: its row is written last, so a half-built one is never used."""

    id = models.BigAutoField(primary_key=True)
    version = models.CharField(max_length=32)
    script = models.TextField()
    fingerprint = models.CharField(max_length=64)
    built_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version"], name="schema_template_version")]


class PooledSchema(ScopedModel):
    """An empty schema `t_<tenant_id>` for a tenant that does not exist yet; a claim sets `claimed_at` and nothing undoes it."""

    id = models.BigAutoField(primary_key=True)
    tenant_id = models.UUIDField()
    version = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id"], name="pooled_schema_tenant")]
        indexes = [
            models.Index(fields=["version", "id"], condition=models.Q(claimed_at=None), name="pooled_schema_ready"),
        ]


class FleetRun(ScopedModel):
    """One bringing of the fleet to `target`, the version of the code that began it; code of another version leaves it alone.

    Its tenants are its moves. Failures before `resumed_at` were looked at by whoever said resume, and count no more.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=new_id)
    target = models.CharField(max_length=32)
    state = models.CharField(max_length=16, choices=FleetState, default=FleetState.RUNNING)
    failure_limit = models.PositiveIntegerField()
    requested_by = models.CharField(max_length=254)
    created_at = models.DateTimeField(default=timezone.now)
    resumed_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="fleet_run_public_id"),
            # Two runs at once would plan for each other's tenants.
            models.UniqueConstraint(
                models.Value(1), condition=~models.Q(state__in=ENDED_FLEETS), name="fleet_run_one_at_a_time"
            ),
        ]


class FleetPlan(ScopedModel):
    """What brings a schema of version `source` to the run's target; written once, so that a resumed run does the same.

    `stages` is a list of `provisioning.fleet.plan.Stage` as JSON. `fingerprint` is that of a finished schema.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(FleetRun, on_delete=models.CASCADE, related_name="plans", db_index=False)
    source = models.CharField(max_length=32, blank=True)
    stages = models.JSONField()
    fingerprint = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "source"], name="fleet_plan_source")]


class FleetMove(Leased):
    """One tenant of a run, and who is at it."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(FleetRun, on_delete=models.CASCADE, related_name="moves", db_index=False)
    # No foreign key: what was done stays on record when the tenant is gone.
    tenant_id = models.UUIDField()
    plan = models.ForeignKey(FleetPlan, on_delete=models.CASCADE, related_name="moves", db_index=False)
    wave = models.PositiveSmallIntegerField(choices=Wave, default=Wave.REST)
    state = models.CharField(max_length=16, choices=MoveState, default=MoveState.PENDING)
    sql = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "tenant_id"], name="fleet_move_tenant")]
        indexes = [
            models.Index(
                fields=["run", "wave", "id"],
                condition=models.Q(state__in=OPEN_MOVES),
                name="fleet_move_open",
            ),
        ]


class KeptMail(ScopedModel):
    """A mail that a sandbox would have sent. Here and not in the tenants' schemas, of which few are sandboxes'."""

    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=new_id)
    tenant = models.ForeignKey(Tenant, on_delete=models.DB_CASCADE, related_name="+", db_index=False)
    to = models.TextField()
    sender = models.TextField()
    reply_to = models.TextField(blank=True)
    subject = models.TextField()
    body = models.TextField(blank=True)
    # Names only: what a letter carries can be had from the page that it is about.
    attachments = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["public_id"], name="kept_mail_public_id")]
        indexes = [models.Index(fields=["tenant", "-id"], name="kept_mail_newest")]


class Quarantine(ScopedModel):
    """A tenant that is kept out of runs over the fleet, and why. `was_active`: its pages are to come back on release."""

    id = models.BigAutoField(primary_key=True)
    tenant_id = models.UUIDField()
    was_active = models.BooleanField()
    reason = models.TextField()
    sql = models.TextField(blank=True)
    created_by = models.CharField(max_length=254)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id"], name="quarantine_tenant")]


class TenantHealth(ScopedModel):
    """How an organization is (`provisioning.health`): one row each, so that a list of a thousand is one query.

    `figures` are gathered anew in every round. `looked` is what a look into its schema told, which comes round more seldom, at
    `looked_at`.
    """

    tenant = models.OneToOneField(Tenant, on_delete=models.DB_CASCADE, primary_key=True, related_name="+")
    score = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=HealthState)
    troubles = models.JSONField(default=list)
    figures = models.JSONField(default=dict)
    looked = models.JSONField(default=dict)
    gathered_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
