"""Asking for sandboxes and promotions, and doing what workers would."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from provisioning.archives.services import begin_archive
from provisioning.models import Run
from provisioning.saga.engine import advance, advance_to_end
from provisioning.sandboxes.ordering import order_sandbox
from provisioning.sandboxes.promoting.ordering import compare_with_sandbox, order_promotion
from provisioning.types import RunState
from tenants.context import TenantContext
from tenants.hosts import context_for
from tests.provisioning.organizations import SYSTEM, again

OWNER = SYSTEM


def cloned(source: TenantContext) -> TenantContext:
    """A fresh sandbox of `source`."""
    run = order_sandbox(actor=OWNER, tenant_id=source.id)
    assert advance(run.pk) == RunState.DONE, failure_of(run)
    return fresh(again(run).tenant_id)


def fresh(tenant_id: UUID | None) -> TenantContext:
    assert tenant_id is not None
    found = context_for(tenant_id)
    assert found is not None
    return found


def ordered_promotion(source: TenantContext, parts: Sequence[str] = ("settings", "theme", "catalog")) -> Run:
    shown = compare_with_sandbox(actor=OWNER, tenant_id=source.id)
    return order_promotion(actor=OWNER, tenant_id=source.id, parts=parts, seen=shown.seal, confirmed_name=source.slug)


def carried_out(run: Run) -> Run:
    """With the snapshot that it waits for."""
    snapshot = begin_archive(UUID(hex=run.request["archive"]))
    assert advance(snapshot.pk) == RunState.DONE, failure_of(snapshot)
    assert advance_to_end(run.pk) == RunState.DONE, failure_of(run)
    return again(run)


def outcome_of(run: Run) -> dict[str, object]:
    from provisioning.models import Step
    from tenants.scope import platform_scope

    with platform_scope(reason="test"):
        return Step.objects.get(run_id=run.pk, name="apply").result


def failure_of(run: Run) -> str:
    from provisioning.models import Step
    from tenants.scope import platform_scope

    with platform_scope(reason="test"):
        return (
            " ".join(Step.objects.filter(run_id=run.pk).exclude(error="").values_list("error", flat=True)) or again(run).state
        )
