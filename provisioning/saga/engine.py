"""Carries runs on. Anybody may call it for any run at any time: leases decide who works, PostgreSQL remembers what is done."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog
from django.db import close_old_connections, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from kernel.errors import DomainError, PermanentFailure, Unavailable
from provisioning.errors import LeaseLost, NotYet, StepNotVerified
from provisioning.models import Run, Step
from provisioning.saga.leases import MAX_ATTEMPTS, Lease, end_with_lease, lease_next
from provisioning.saga.step import SagaStep, Work, cluster_of
from provisioning.steps import step_class
from provisioning.types import ACTIVE_RUNS, OrganizationRequest, RunKind, RunState
from tenants.clusters import on_cluster
from tenants.scope import platform_scope

logger = structlog.get_logger(__name__)

_POLL_SECONDS = 0.2


def advance(run_pk: int) -> RunState:
    """Work on a run until it ends, pauses, or turns out to be somebody else's now; its state after that.

    Failures of steps are recorded, not raised. Must not be called inside a transaction.
    """
    with platform_scope(reason="provisioning run"):
        while (lease := lease_next(run_pk)) is not None:
            if not _perform(lease):
                break
        return RunState(Run.objects.values_list("state", flat=True).get(pk=run_pk))


def advance_to_end(run_pk: int, *, patience_seconds: float = 60) -> RunState:
    """`advance` until the run ends, also through pauses and while another worker is at it; for commands, which can wait."""
    deadline = time.monotonic() + patience_seconds
    while (state := advance(run_pk)) in ACTIVE_RUNS and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return state


def waiting_runs(*, limit: int = 100) -> list[int]:
    """The runs at which nobody is and none pauses, oldest first: those that a killed worker left, or a lost doorbell."""
    with platform_scope(reason="find waiting runs"):
        leased = Step.objects.filter(run=OuterRef("pk"), leased_until__gt=Now())
        runs = Run.objects.filter(~Exists(leased), state__in=ACTIVE_RUNS)
        return list(runs.order_by("pk").values_list("pk", flat=True)[:limit])


def _perform(lease: Lease) -> bool:
    """Do (or undo) the leased step; whether the run can go on."""
    started = time.perf_counter()
    try:
        _work_on(lease)
    except NotYet as pause:
        # Without a wait it goes on at once, under a fresh lease.
        return lease.pause(pause.wait, reason=str(pause), worked_ms=_since(started)) and not pause.wait
    except LeaseLost:
        logger.warning("provisioning lease lost", step=lease.name, run=lease.run_pk)
        return False
    except Exception as error:  # noqa: BLE001  # whatever a step raises is its record, not this worker's end
        _record_failure(lease, error)
        return False
    logger.info("provisioning step", step=lease.name, run=lease.run_pk, undo=lease.is_undo)
    return True


def _work_on(lease: Lease) -> None:
    """The step and the note that it is done, in one transaction, on the cluster where the organization lives."""
    if lease.attempt > MAX_ATTEMPTS:
        raise PermanentFailure(f"Gave up after {MAX_ATTEMPTS} attempts: the workers died in this step.")
    step, work = _load(lease)
    with on_cluster(cluster_of(work)):
        _carry_out(lease, step, work)


def _carry_out(lease: Lease, step: SagaStep, work: Work) -> None:
    started = time.perf_counter()
    if lease.is_undo:
        step.prepare_undo(work)
    else:
        step.prepare(work)
    with transaction.atomic(durable=True):
        end_with_lease()
        facts: dict[str, Any] = {}  # Any: columns of the step
        if lease.is_undo:
            # What it had made, and how long it took, stays on record.
            step.undo(work)
        else:
            facts |= {"result": dict(_do(step, work))}
        if not lease.finish(worked_ms=_since(started), **facts):
            raise LeaseLost(f"Somebody else took {lease.name} meanwhile.")


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)


def _load(lease: Lease) -> tuple[SagaStep, Work]:
    run = Run.objects.get(pk=lease.run_pk)
    noted = Step.objects.values_list("result", flat=True).get(pk=lease.step_pk)
    request = OrganizationRequest.from_json(run.request)
    work = Work(run.pk, run.public_id, request, run.tenant_id, noted=noted, keep=lease.keep)
    return step_class(RunKind(run.kind), lease.name)(), work


def _do(step: SagaStep, work: Work) -> Mapping[str, Any]:  # Any: JSON
    if step.check(work):
        return {}
    result = step.do(work)
    # The claim of a schema changes what the run knows; `verify` sees it.
    tenant_id = Run.objects.values_list("tenant_id", flat=True).get(pk=work.run_pk)
    if not step.verify(replace(work, tenant_id=tenant_id)):
        raise StepNotVerified(f"{step.name} ran, but what it should have made is not there.")
    return result


def _is_refusal(error: Exception) -> bool:
    """Whether another try would end alike. `Unavailable` (a lock held for long, a store that was away) would not."""
    return isinstance(error, DomainError | PermanentFailure) and not isinstance(error, Unavailable)


def _record_failure(lease: Lease, error: Exception) -> None:
    message = str(error) if isinstance(error, DomainError) else f"{type(error).__name__}: {error}"
    is_final = _is_refusal(error) or lease.attempt >= MAX_ATTEMPTS
    trace = None if isinstance(error, DomainError) else error
    # What waits for a person is an error; what is tried again by itself is not yet one.
    log = logger.error if is_final else logger.warning
    log("provisioning step failed", step=lease.name, run=lease.run_pk, final=is_final, reason=message, exc_info=trace)
    close_old_connections()
    if not is_final:
        lease.put_back(message)
        return
    with transaction.atomic():
        if lease.give_up(message):
            _leave_standing(lease)


def _leave_standing(lease: Lease) -> None:
    """Whatever the step says of it: that the run stopped, and why, is on record."""
    try:
        with transaction.atomic():
            step, work = _load(lease)
            with on_cluster(cluster_of(work)):
                step.when_stopped(work)
    except Exception:  # as said above
        logger.exception("stopped step not tidied", step=lease.name, run=lease.run_pk)
