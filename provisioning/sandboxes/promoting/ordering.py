"""Asking for a promotion, as it was shown, and for taking one back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel.actor import Actor
from kernel.errors import Conflict
from kernel.ids import new_id
from kernel.locking import lock_rows, lock_timeout
from provisioning.archives.services import request_about
from provisioning.doorbell import ring
from provisioning.models import Run
from provisioning.sandboxes.errors import NoSandbox, NotConfirmed, NothingToPromote, PromotionStale
from provisioning.sandboxes.ordering import MANAGE
from provisioning.sandboxes.promoting.differences import PARTS, chosen
from provisioning.sandboxes.promoting.reading import Comparison, compare
from provisioning.sandboxes.selectors import promotion_run, sandbox_of
from provisioning.services import create_run, undo_run
from provisioning.types import ACTIVE_RUNS, OrganizationRequest, RunKind
from shared_apps.archives.services import order_snapshot
from shared_apps.audit.services import record
from tenants.hosts import context_for
from tenants.models import Tenant
from tenants.scope import platform_scope
from tenants.types import TenantStatus


def compare_with_sandbox(*, actor: Actor, tenant_id: UUID) -> Comparison:
    """What was done in an organization's sandbox and is not so in the organization yet.

    Raises:
        PermissionDenied: the actor does not edit settings. NoSandbox: there is none, or it is not finished.
    """
    actor.require(MANAGE)
    row, source = sandbox_of(tenant_id), context_for(tenant_id)
    if row is None or source is None or row.status != TenantStatus.ACTIVE:
        raise NoSandbox(_("There is no sandbox."))
    return compare(source, row.as_context())


def order_promotion(*, actor: Actor, tenant_id: UUID, parts: Sequence[str], seen: str, confirmed_name: str) -> Run:
    """Bring these parts of an organization's own sandbox into it, as they were shown; a snapshot is taken before.

    Raises:
        PermissionDenied: the actor does not edit settings. NoSandbox: there is none.
        NothingToPromote: no part was chosen that differs; blames `parts`.
        PromotionStale: one side changed since it was shown.
        NotConfirmed: this is not the organization's name; blames `confirm_name`.
        Conflict: another one is under way.
    """
    shown = compare_with_sandbox(actor=actor, tenant_id=tenant_id)
    if shown.seal != seen:
        raise PromotionStale(_("Something changed since you looked. Nothing was done: read it again."))
    known = [part for part in PARTS if part in parts]
    if not chosen(shown.changes, known):
        raise NothingToPromote(_("Choose at least one part in which something is to change."), field="parts")
    with platform_scope(reason="order promotion"), transaction.atomic():
        with lock_timeout():
            rows = lock_rows(Tenant.objects.filter(pk=tenant_id, status=TenantStatus.ACTIVE))
        if not rows:
            raise NoSandbox(_("There is no sandbox."))
        if confirmed_name.strip() != rows[0].slug:
            raise NotConfirmed(rows[0].slug)
        if Run.objects.filter(kind=RunKind.PROMOTE_SANDBOX, tenant_id=tenant_id, state__in=ACTIVE_RUNS).exists():
            raise Conflict(_("Something is being brought over already. Wait until it is there."))
        return _order(actor, tenant_id, sandbox_id=shown.sandbox.id, parts=known, seen=seen)


def undo_promotion(*, actor: Actor, tenant_id: UUID, run_id: UUID, confirmed_name: str) -> None:
    """Put back what a promotion into this organization changed, for a week; what was changed since stays.

    Raises:
        PermissionDenied: the actor does not edit settings.
        RunNotFound: there was no such promotion here. RunNotReady: it cannot be taken back (any more).
        Invalid: this is not the organization's name; blames `confirmed_name`.
    """
    actor.require(MANAGE)
    with platform_scope(reason="undo promotion"), transaction.atomic():
        run = promotion_run(tenant_id=tenant_id, run_id=run_id)
        undo_run(
            actor=Actor.system("sandboxes"),
            run_id=run_id,
            confirmed_name=confirmed_name,
            reason=f"Asked for by {actor.label}.",
        )
        _note("sandbox.promotion_undone", actor, tenant_id, OrganizationRequest.from_json(run.request))


def _order(actor: Actor, tenant_id: UUID, *, sandbox_id: UUID, parts: Sequence[str], seen: str) -> Run:
    platform = Actor.system(actor.label)
    archive = order_snapshot(actor=platform, tenant_id=tenant_id)
    run_id = new_id()
    request = replace(
        request_about(tenant_id),
        archive="" if archive is None else archive.public_id.hex,
        source=sandbox_id.hex,
        parts=",".join(parts),
        seen=seen,
    )
    run = create_run(
        actor=platform,
        request=request,
        idempotency_key=run_id.hex,
        public_id=run_id,
        kind=RunKind.PROMOTE_SANDBOX,
        tenant_id=tenant_id,
    )
    for about in (tenant_id, sandbox_id):
        _note("sandbox.promotion_ordered", actor, about, request)
    transaction.on_commit(partial(ring, run.pk), robust=True)
    return run


def _note(action: str, actor: Actor, about: UUID, request: OrganizationRequest) -> None:
    record(
        action=action,
        actor_label=actor.label,
        actor_kind=actor.kind,
        tenant_id=about,
        target=request.slug,
        data={"parts": request.parts},
    )
