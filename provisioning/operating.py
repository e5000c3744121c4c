"""What operators do to runs: the act, and its entry in the audit trail, in one transaction."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from kernel.actor import Actor
from provisioning.models import Run
from provisioning.services import retry_run, undo_run
from shared_apps.audit.services import record
from tenants.scope import platform_scope


def retry_as_operator(*, actor: Actor, run_id: UUID) -> None:
    """Let a failed run go on.

    Raises: as `provisioning.services.retry_run`.
    """
    with platform_scope(reason="operator retries run"), transaction.atomic():
        retry_run(actor=actor, run_id=run_id)
        _note(actor, run_id, "run.retried")


def undo_as_operator(*, actor: Actor, run_id: UUID, confirmed_name: str, reason: str = "") -> None:
    """Take back everything a run made.

    Raises: as `provisioning.services.undo_run`.
    """
    with platform_scope(reason="operator undoes run"), transaction.atomic():
        undo_run(actor=actor, run_id=run_id, confirmed_name=confirmed_name)
        _note(actor, run_id, "run.undone", reason)


def _note(actor: Actor, run_id: UUID, action: str, reason: str = "") -> None:
    run = Run.objects.get(public_id=run_id)
    record(
        action=action,
        actor_label=actor.label,
        actor_kind=actor.kind,
        tenant_id=run.tenant_id,
        target=str(run.request.get("slug", "")),
        reason=reason,
        data={"run": str(run.public_id)},
    )
