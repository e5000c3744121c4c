"""Who is at which step: leases with a fence, kept by the database's clock, which all workers share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest, Now

from kernel.events import publish
from kernel.locking import lock_rows
from provisioning.errors import LeaseLost, NotYet
from provisioning.events import RunFailed
from provisioning.leasing import lease_seconds, worker_name
from provisioning.models import Run, Step
from provisioning.types import ACTIVE_RUNS, RunState, StepState
from tenants.clusters import DEFAULT, current_cluster
from tenants.scope import cluster_scope, platform_scope

# A step that kills its worker, or fails, this many times will not do better the next time.
MAX_ATTEMPTS = 5
_BACKOFF = timedelta(seconds=1)
_LONGEST_ERROR = 2000


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one step; worthless once somebody else took it (then `token` is not the step's any more)."""

    run_pk: int
    step_pk: int
    name: str
    token: int
    attempt: int
    is_undo: bool

    def finish(self, *, worked_ms: int, **facts: Any) -> bool:  # Any: the step's columns
        """Settle the step if this lease still holds; False if not, and then the caller rolls back."""
        facts |= {"state": StepState.UNDONE if self.is_undo else StepState.DONE, **self._worked(worked_ms)}
        return self._settle(finished_at=Now(), lease_owner="", leased_until=None, error="", **facts)

    def _worked(self, milliseconds: int) -> dict[str, Any]:  # Any: an expression
        """Time at work on the way forward, that of earlier leases included and without what lay between them."""
        return {} if self.is_undo else {"duration_ms": Coalesce(F("duration_ms"), 0) + milliseconds}

    def put_back(self, error: str) -> bool:
        """Leave the step for another try after a pause that doubles each time."""
        pause = _BACKOFF * (1 << (self.attempt - 1))
        facts: dict[str, Any] = {} if self.is_undo else {"state": StepState.PENDING}
        return self._settle(lease_owner="", leased_until=Now() + pause, error=error[:_LONGEST_ERROR], **facts)

    def pause(self, wait: timedelta, *, reason: str, worked_ms: int) -> bool:
        """Leave the step until others are through; that was no attempt, and `reason` is shown meanwhile."""
        # Whoever asked for an undo meanwhile has set the attempts back already.
        attempt = Greatest(F("attempt") - 1, 0)
        facts = {"attempt": attempt, "error": reason, **self._worked(worked_ms)}
        return self._settle(lease_owner="", leased_until=Now() + wait, **facts)

    def keep(self, *, seconds: int = 0, noted: Mapping[str, Any] | None = None) -> None:  # Any: JSON
        """Hold the step for longer: for `seconds`, or as long as any lease; `noted` is what the next worker may go on from.

        In a transaction, what was done in it counts if and only if this lease still held.

        Raises:
            LeaseLost: it is somebody else's by now.
        """
        facts: dict[str, Any] = {} if noted is None else {"result": dict(noted)}
        # Whoever is at work may be in the scope of the organization that it works for.
        with platform_scope(reason="keep lease"):
            is_held = self._settle(leased_until=Now() + timedelta(seconds=max(seconds, lease_seconds())), **facts)
        if not is_held:
            raise LeaseLost(f"Somebody else took {self.name} meanwhile.")

    def give_up(self, error: str) -> bool:
        """End the run here, until a person says retry or undo."""
        with transaction.atomic():
            # The run before its steps, as everybody who takes both (ADR 0005).
            lock_rows(Run.objects.filter(pk=self.run_pk))
            held = self._settle(
                state=StepState.FAILED, finished_at=Now(), lease_owner="", leased_until=None, error=error[:_LONGEST_ERROR]
            )
            if held:
                # Not a run that somebody decided to undo while this step still went forward.
                now, then = (RunState.UNDOING, RunState.UNDO_FAILED) if self.is_undo else (RunState.RUNNING, RunState.FAILED)
                stopped = Run.objects.filter(pk=self.run_pk, state=now)
                run_id = stopped.values_list("public_id", flat=True).first()
                stopped.update(state=then, error=error[:_LONGEST_ERROR], finished_at=Now())
                if run_id is not None:
                    publish(RunFailed(run_id=run_id, error=error[:_LONGEST_ERROR]))
        return held

    def _settle(self, **facts: Any) -> bool:  # Any: the step's columns
        return Step.objects.filter(pk=self.step_pk, lease_token=self.token).update(**facts) == 1


def require_forward(run_pk: int) -> None:
    """Keep everybody from taking a run back until this transaction ends: for a step that nothing takes back once it is done.

    Whoever asks for that a moment later waits for this transaction, and is refused for what it did. Locks the run.

    Raises:
        NotYet: somebody has asked already; the way back begins at once.
    """
    with platform_scope(reason="is it still to go forward"):
        run = next(iter(lock_rows(Run.objects.filter(pk=run_pk))), None)
    if run is not None and run.state == RunState.UNDOING:
        raise NotYet("Somebody asked to take it back meanwhile.")


def end_with_lease(*, seconds: int = 0) -> None:
    """Have PostgreSQL end this transaction when a lease of so many seconds ends, also on the cluster at hand.

    So the next worker never meets a half-done step of ours, nor waits for the locks of a process that was stopped.
    """
    for alias in dict.fromkeys((DEFAULT, current_cluster())):
        with cluster_scope(reason="end with lease", database=alias), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL transaction_timeout = '{max(seconds, lease_seconds())}s'")


def lease_next(run_pk: int) -> Lease | None:
    """Take the next step of a run: forward, or backward while it is being undone.

    None when the run is at its end (which is noted here), when another worker is at that step, or when it pauses.
    """
    with transaction.atomic():
        # Locked, so that what is next cannot change before it is taken. Nobody holds this lock while working.
        run = Run.objects.select_for_update().get(pk=run_pk)
        if run.state not in ACTIVE_RUNS:
            return None
        is_undo = run.state == RunState.UNDOING
        step = _next_step(run, is_undo=is_undo)
        if step is None:
            _end(run, RunState.UNDONE if is_undo else RunState.DONE)
            return None
        if not _take(step, is_undo=is_undo):
            return None
        if run.state == RunState.PENDING:
            Run.objects.filter(pk=run.pk).update(state=RunState.RUNNING, started_at=Now())
        step.refresh_from_db()
        return Lease(run.pk, step.pk, step.name, step.lease_token, step.attempt, is_undo)


def _next_step(run: Run, *, is_undo: bool) -> Step | None:
    if is_undo:
        return run.steps.exclude(state=StepState.UNDONE).order_by("-position").first()
    return run.steps.exclude(state=StepState.DONE).order_by("position").first()


def _take(step: Step, *, is_undo: bool) -> bool:
    # Its worker may have finished it since it was chosen.
    is_over = Q(state=StepState.UNDONE if is_undo else StepState.DONE)
    is_free = Q(leased_until=None) | Q(leased_until__lte=Now())
    state: dict[str, Any] = {} if is_undo else {"state": StepState.RUNNING}
    return bool(
        Step.objects.filter(~is_over & is_free, pk=step.pk).update(
            lease_owner=worker_name(),
            lease_token=F("lease_token") + 1,
            leased_until=Now() + timedelta(seconds=lease_seconds()),
            attempt=F("attempt") + 1,
            started_at=Now(),
            finished_at=None,
            **state,
        )
    )


def _end(run: Run, state: RunState) -> None:
    Run.objects.filter(pk=run.pk).update(state=state, finished_at=Now(), error="")
