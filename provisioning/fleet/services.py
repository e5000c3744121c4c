"""What can be asked of the fleet: begin, pause, resume, keep a tenant out, let it back in, try it again."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.db import insert_or_none
from kernel.errors import Invalid, NotFound
from kernel.ids import format_public_id
from kernel.locking import lock_timeout
from kernel.outbox.upkeep import wake
from provisioning.doorbell import ring_fleet
from provisioning.errors import FleetNotReady, FleetRunNotFound
from provisioning.fleet.enlisting import enlist, make_plans, smallest, write_plans
from provisioning.fleet.moves import isolate
from provisioning.fleet.superseding import abandon_runs_of_other_code
from provisioning.models import FleetMove, FleetRun, Quarantine
from provisioning.types import ENDED_FLEETS, OPEN_MOVES, FleetState, MoveState
from shared_apps.audit.services import record
from tenants.hosts import host_cache
from tenants.models import Tenant
from tenants.schemas import code_schema_version
from tenants.scope import platform_scope
from tenants.types import TenantStatus

FLEET_PREFIX = "flt"


def start_fleet_run(
    *, actor: Actor, canaries: Collection[str] = (), canary_count: int = 1, failure_limit: int = 3
) -> FleetRun | None:
    """Plan, and write down who is to be brought to this code's version; None when nobody is behind. No tenant is touched yet.

    `canaries` are slugs; without any, the `canary_count` smallest organizations in service go first. A canary that fails
    stops the run, and so do more than `failure_limit` failures of the others. An unfinished run of other code is abandoned.
    Takes a second or more: the plan is tried on an empty schema.

    Raises:
        PermissionDenied: not for this actor.
        FleetNotReady: a run of this code is not finished yet, or one of other code is in the middle of a tenant.
        Invalid: a canary is not among those behind, or not in service.
        PlanFailed: the migrations cannot be brought over the fleet.
    """
    actor.require("fleet.manage")
    with platform_scope(reason="start fleet run"):
        target = code_schema_version()
        if FleetRun.objects.exclude(state__in=ENDED_FLEETS).filter(target=target).exists():
            raise _unfinished()
        plans = make_plans()
        if all(plan.is_ahead for plan in plans.values()):
            return None
        abandon_runs_of_other_code(target)
        with transaction.atomic():
            row = FleetRun(target=target, failure_limit=failure_limit, requested_by=actor.label)
            run = insert_or_none(row)
            if run is None:
                raise _unfinished()
            write_plans(run, plans)
            enlist(run)
            _choose_canaries(run, canaries, canary_count)
            _note("fleet.started", actor, run)
    return run


def pause_fleet_run(*, actor: Actor, run_id: UUID) -> None:
    """Begin with no further tenant; those in the middle of their transaction end it.

    Raises:
        FleetRunNotFound, FleetNotReady: there is none, or it does not run.
    """
    _turn(actor, run_id, "fleet.paused", (FleetState.RUNNING,), FleetState.PAUSED)


def resume_fleet_run(*, actor: Actor, run_id: UUID) -> None:
    """Go on after a pause, or after a stop; the failures until now no longer count against the limit.

    Also rings for a run that only looks as if somebody were at it, so that it may be asked of a running one.

    Raises:
        FleetRunNotFound, FleetNotReady: there is none, it is done, or it is one of another version of the code.
    """
    with platform_scope(reason="resume fleet run"), transaction.atomic():
        run = _turn(
            actor, run_id, "fleet.resumed", (FleetState.RUNNING, FleetState.PAUSED, FleetState.STOPPED), FleetState.RUNNING
        )
        _refuse_other_code(run)
        FleetRun.objects.filter(pk=run.pk).update(resumed_at=Now(), error="")
        transaction.on_commit(partial(ring_fleet, run.pk), robust=True)


def quarantine_tenant(*, actor: Actor, slug: str, reason: str) -> None:
    """Show the tenant's maintenance page and keep every run over the fleet away from it, until it is released.

    Waits a few seconds for a transaction that changes its schema; a worker on the slow road learns of it before its next
    stage. May be called again, with another reason.

    Raises:
        NotFound: no such organization.
        Invalid: no reason; blames `reason`.
        Busy: its schema is being changed, and that takes longer.
    """
    actor.require("fleet.manage")
    if not reason.strip():
        raise Invalid(_("Say why, for whoever finds it closed."), field="reason")
    with platform_scope(reason="quarantine"), transaction.atomic(), lock_timeout():
        tenant = _tenant(slug)
        # A worker that has the move loses it by the token, and with it what it has not committed.
        FleetMove.objects.filter(tenant_id=tenant.pk, state__in=OPEN_MOVES).update(
            state=MoveState.FAILED, error=reason, lease_owner="", leased_until=None, lease_token=F("lease_token") + 1
        )
        isolate(tenant_id=tenant.pk, reason=reason, sql="", by=actor.label)
        _note_tenant("fleet.quarantined", actor, tenant, reason)


def release_tenant(*, actor: Actor, slug: str) -> None:
    """End a quarantine: its pages are back if they were there before, its work goes on, the next run takes it along.

    Raises:
        NotFound, FleetNotReady: no such organization, or it is in no quarantine.
    """
    actor.require("fleet.manage")
    with platform_scope(reason="release"), transaction.atomic():
        tenant = _tenant(slug)
        found = Quarantine.objects.select_for_update().filter(tenant_id=tenant.pk).first()
        if found is None:
            raise FleetNotReady(_("This organization is in no quarantine."))
        if found.was_active:
            Tenant.objects.filter(pk=tenant.pk, status=TenantStatus.MAINTENANCE).update(status=TenantStatus.ACTIVE)
        found.delete()
        _note_tenant("fleet.released", actor, tenant, "")
        transaction.on_commit(host_cache.clear, robust=True)
        transaction.on_commit(partial(wake, tenant_id=tenant.pk), robust=True)


def retry_tenant(*, actor: Actor, slug: str) -> None:
    """Try a failed tenant again, with fresh attempts; it leaves its quarantine when that succeeds. A finished run goes on.

    Raises:
        NotFound, FleetNotReady: no such organization, it has failed in no run, its run waits for a person, another one goes
            on, or it was one of other code.
    """
    actor.require("fleet.manage")
    with platform_scope(reason="retry tenant"), transaction.atomic():
        tenant = _tenant(slug)
        move = FleetMove.objects.filter(tenant_id=tenant.pk).order_by("-pk").first()
        if move is None or move.state != MoveState.FAILED:
            raise FleetNotReady(_("This organization has not failed in a run over the fleet."))
        # Held, so that it is not ended by whoever has just seen that nobody is left.
        run = FleetRun.objects.select_for_update().get(pk=move.run_id)
        if run.state == FleetState.ABANDONED or run.target != code_schema_version():
            raise FleetNotReady(
                _("It failed on the way to version %(version)s: release it, and the next run over the fleet takes it along.")
                % {"version": run.target}
            )
        if run.state in {FleetState.PAUSED, FleetState.STOPPED}:
            raise FleetNotReady(_("Its run waits for a person: resume that first, then try again."))
        others = FleetRun.objects.exclude(state__in=ENDED_FLEETS).exclude(pk=run.pk)
        if run.state == FleetState.DONE and others.exists():
            raise _unfinished()
        FleetMove.objects.filter(pk=move.pk).update(state=MoveState.PENDING, attempt=0, error="", sql="", finished_at=None)
        FleetRun.objects.filter(pk=run.pk, state=FleetState.DONE).update(state=FleetState.RUNNING, finished_at=None)
        _note_tenant("fleet.retried", actor, tenant, "")
        transaction.on_commit(partial(ring_fleet, run.pk), robust=True)


def _choose_canaries(run: FleetRun, slugs: Collection[str], count: int) -> None:
    moves = FleetMove.objects.filter(run=run)
    if slugs:
        behind = Tenant.objects.filter(slug__in=slugs, status=TenantStatus.ACTIVE, pk__in=moves.values("tenant_id"))
        chosen = list(behind.values_list("pk", flat=True))
        if len(chosen) < len(set(slugs)):
            raise Invalid(_("A canary must be an organization that is in service and behind."), field="canary")
    else:
        chosen = smallest(list(moves.values_list("tenant_id", flat=True)), count)
    moves.filter(tenant_id__in=chosen).update(wave=0)


def _turn(actor: Actor, run_id: UUID, act: str, expected: tuple[FleetState, ...], state: FleetState) -> FleetRun:
    actor.require("fleet.manage")
    with platform_scope(reason=act), transaction.atomic():
        run = FleetRun.objects.select_for_update().filter(public_id=run_id).first()
        if run is None:
            raise FleetRunNotFound(_("There is no such run."))
        if run.state not in expected:
            raise FleetNotReady(_("This run is “%(state)s”; that cannot be done now.") % {"state": FleetState(run.state).label})
        FleetRun.objects.filter(pk=run.pk).update(state=state)
        _note(act, actor, run)
    return run


def _tenant(slug: str) -> Tenant:
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise NotFound(_("This organization does not exist."))
    return tenant


def _refuse_other_code(run: FleetRun) -> None:
    if run.target != code_schema_version():
        raise FleetNotReady(
            _("This run leads to version %(version)s; only code of that version goes on with it.") % {"version": run.target}
        )


def _unfinished() -> FleetNotReady:
    return FleetNotReady(_("A run over the fleet is not finished: resume it first."))


def _note(act: str, actor: Actor, run: FleetRun) -> None:
    data: dict[str, str | int | bool | None] = {"run": format_public_id(FLEET_PREFIX, run.public_id), "target": run.target}
    record(action=act, actor_label=actor.label, actor_kind=actor.kind, target=run.target, data=data)


def _note_tenant(act: str, actor: Actor, tenant: Tenant, reason: str) -> None:
    record(action=act, actor_label=actor.label, actor_kind=actor.kind, tenant_id=tenant.pk, target=tenant.slug, reason=reason)
