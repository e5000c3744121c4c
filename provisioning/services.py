"""What can be asked of provisioning: a new run, another try, taking everything back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.db import insert_or_none
from kernel.errors import Invalid
from kernel.ids import format_public_id, new_id
from provisioning.doorbell import ring
from provisioning.errors import RunNotFound, RunNotReady
from provisioning.models import Run, Step
from provisioning.requests import check_request
from provisioning.saga.step import SagaStep, Work, cluster_of
from provisioning.steps import step_class, step_classes
from provisioning.types import RUN_PREFIX as _RUN_PREFIX
from provisioning.types import UNDOABLE, OrganizationRequest, RunKind, RunState, StepState
from shared_apps.audit.services import record
from tenants.clusters import on_cluster
from tenants.registry import reserve_name
from tenants.scope import platform_scope

RUN_PREFIX = _RUN_PREFIX
_ABANDONED_AFTER = timedelta(days=1)
# Where a failed run, and its failed step, go on: forward, or backward.
_RETRIED = {
    RunState.FAILED: (RunState.RUNNING, StepState.PENDING),
    RunState.UNDO_FAILED: (RunState.UNDOING, StepState.DONE),
}


def create_run(
    *,
    actor: Actor,
    request: OrganizationRequest,
    idempotency_key: str,
    public_id: UUID | None = None,
    kind: RunKind = RunKind.CREATE_ORGANIZATION,
    tenant_id: UUID | None = None,
) -> Run:
    """Write down what is to be done; nothing is done yet, and no bell is rung: the caller advances it, or the sweeper.

    `tenant_id` is whom the run is about, where there is somebody already.

    The same key gives the same run, however often and by however many at once.
    """
    actor.require("tenants.create")
    with platform_scope(reason="create run"), transaction.atomic():
        run = insert_or_none(
            Run(
                public_id=public_id or new_id(),
                kind=kind,
                tenant_id=tenant_id,
                request=request.as_json(),
                requested_by=actor.label,
                idempotency_key=idempotency_key,
            )
        )
        if run is None:
            return Run.objects.get(idempotency_key=idempotency_key)
        Step.objects.bulk_create(
            Step(run=run, name=step.name, position=position) for position, step in enumerate(step_classes(kind))
        )
        _note("run.created", run, actor)
    return run


def order_organization(*, actor: Actor, request: OrganizationRequest, idempotency_key: str = "") -> Run:
    """Start an organization: its name is held from now on, its run written down; the workers are rung for after the commit.

    The same key gives the same run, however often and by however many at once; without one, each call is another order.

    Raises:
        PermissionDenied: not for this actor.
        SlugRefused: the name cannot be had; blames `slug`.
        Invalid: another value makes no sense; blames its field.
    """
    request = replace(check_request(request), cluster=settings.NEW_ORGANIZATIONS_CLUSTER)
    run_id = new_id()
    with platform_scope(reason="order organization"), transaction.atomic():
        run = create_run(actor=actor, request=request, idempotency_key=idempotency_key or run_id.hex, public_id=run_id)
        if run.public_id == run_id:
            reserve_name(slug=request.slug, holder=run_id)
            transaction.on_commit(partial(ring, run.pk), robust=True)
    return run


def retry_run(*, actor: Actor, run_id: UUID) -> None:
    """Let a failed run go on where it stopped, with fresh attempts; it goes backward if it was being undone.

    Raises:
        RunNotFound, RunNotReady: there is none, or it has not failed, or it must not go on now.
    """
    actor.require("runs.retry")
    with platform_scope(reason="retry run"), transaction.atomic():
        run = _locked(run_id)
        _require_not_erased(run)
        if run.state not in _RETRIED:
            raise _not_ready(run)
        run_state, step_state = _RETRIED[RunState(run.state)]
        for step, work in _begun(run):
            with on_cluster(cluster_of(work)):
                step.require_retryable(work)
        run.steps.filter(state=StepState.FAILED).update(state=step_state, attempt=0, leased_until=None, error="")
        Run.objects.filter(pk=run.pk).update(state=run_state, error="", finished_at=None)
        _note("run.retried", run, actor)
        transaction.on_commit(partial(ring, run.pk), robust=True)


def undo_run(*, actor: Actor, run_id: UUID, confirmed_name: str, reason: str = "") -> None:
    """Take back everything a run made, step by step from its end; of an organization that is live, its data too.

    `confirmed_name` is the organization's slug, typed by whoever decides this; `reason` stands in the audit trail.

    Raises:
        RunNotFound, RunNotReady: there is none, or it is undone or being undone already, or there is no way back any more.
        Invalid: the name is not that of the organization; blames `confirmed_name`.
    """
    actor.require("runs.undo")
    with platform_scope(reason="undo run"), transaction.atomic():
        run = _locked(run_id)
        _require_not_erased(run)
        if confirmed_name.strip() != run.request["slug"]:
            raise Invalid(_("Type “%(slug)s” to confirm.") % {"slug": run.request["slug"]}, field="confirmed_name")
        if run.state not in UNDOABLE:
            raise _not_ready(run)
        for step, work in _begun(run):
            with on_cluster(cluster_of(work)):
                step.require_undoable(work)
        # What never began needs no undoing, but for the first step: whoever asked for the run held the name with it, so it
        # has something to give back before it began. A step that a worker is at stays leased until it is through with it.
        run.steps.filter(state=StepState.PENDING, attempt=0, position__gt=0).update(state=StepState.UNDONE)
        run.steps.exclude(state=StepState.UNDONE).update(attempt=0)
        # A pause before the next attempt forward is none of the way back.
        run.steps.filter(lease_owner="").update(leased_until=None)
        Run.objects.filter(pk=run.pk).update(state=RunState.UNDOING, error="", finished_at=None)
        _note("run.undone", run, actor, reason)
        transaction.on_commit(partial(ring, run.pk), robust=True)


def undo_abandoned_runs(*, now: datetime | None = None) -> int:
    """Take back what failed a day ago and nobody has gone on with, so that no name is held for ever; how many runs.

    May be called again, and by several at once: a run that somebody set going meanwhile is left alone.
    """
    actor = Actor.system("abandoned runs")
    with platform_scope(reason="abandoned runs"):
        failed = Run.objects.filter(state=RunState.FAILED, finished_at__lt=(now or clock.now()) - _ABANDONED_AFTER)
        abandoned = list(failed.values_list("public_id", "request__slug"))
    undone = 0
    for run_id, slug in abandoned:
        with suppress(RunNotReady):
            undo_run(actor=actor, run_id=run_id, confirmed_name=slug, reason="Failed a day ago, and nobody went on with it.")
            undone += 1
    return undone


def _begun(run: Run) -> Iterator[tuple[SagaStep, Work]]:
    """The steps that a worker ever was at and that were not taken back, as this code knows them."""
    request = OrganizationRequest.from_json(run.request)
    for row in run.steps.exclude(state=StepState.UNDONE).exclude(state=StepState.PENDING, attempt=0).order_by("position"):
        # Of one that only other code knows, that code's workers have to find out themselves.
        with suppress(LookupError):
            step = step_class(RunKind(run.kind), row.name)()
            yield step, Work(run.pk, run.public_id, request, run.tenant_id, noted=row.result)


def _require_not_erased(run: Run) -> None:
    """Quiet when the organization that the run is about, or copies, is not on its way out by another run."""
    if run.kind == RunKind.ERASE_ORGANIZATION:
        return
    request = OrganizationRequest.from_json(run.request)
    about = [run.tenant_id, *(UUID(hex=one) for one in [request.source] if one)]
    erasing = Run.objects.filter(tenant_id__in=about, kind=RunKind.ERASE_ORGANIZATION)
    # Of what was erased, runs keep no name.
    if not request.slug or erasing.exclude(state=RunState.UNDONE).exists():
        raise RunNotReady(_("This organization is erased, or about to be."))


def _locked(run_id: UUID) -> Run:
    run = Run.objects.select_for_update().filter(public_id=run_id).first()
    if run is None:
        raise RunNotFound(_("There is no such run."))
    return run


def _note(action: str, run: Run, actor: Actor, reason: str = "") -> None:
    record(
        action=action,
        actor_label=actor.label,
        actor_kind=actor.kind,
        tenant_id=run.tenant_id,
        target=run.request["slug"],
        reason=reason,
        data={"run": format_public_id(RUN_PREFIX, run.public_id), "state": run.state},
    )


def _not_ready(run: Run) -> RunNotReady:
    return RunNotReady(_("This run is “%(state)s”; that cannot be done now.") % {"state": RunState(run.state).label})
