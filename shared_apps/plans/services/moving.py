"""Moving organizations from one version of a plan to another: ordered by an operator, done by a job in parts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.jobs import enqueue
from shared_apps.audit.services import record
from shared_apps.plans.errors import MoveUnderWay, NobodyToMove, PlanNotFound
from shared_apps.plans.jobs import MoveSubscribers
from shared_apps.plans.models import PlanMove, PlanMoveTarget, PlanVersion
from shared_apps.plans.rules import granted
from shared_apps.plans.selectors import additions_of, contents_of, with_parts
from shared_apps.plans.services.drafting import locked_plan
from shared_apps.plans.types import MoveState, VersionContents
from tenants.models import Tenant
from tenants.registry import give_plan_version
from tenants.scope import platform_scope

AT_ONCE: Final = 100
"""Moved in one transaction: a second's work, however many there are."""


def order_move(*, actor: Actor, plan_code: str, number: int, tenant_ids: Collection[UUID], reason: str = "") -> PlanMove:
    """Move these organizations to a published version of the plan that they are on; a worker begins after the commit.

    Who is on that version already, or on another plan (by then), is left where it is.

    Raises:
        PermissionDenied: the actor may not.
        PlanNotFound: there is no such plan, or version of it.
        MoveUnderWay: an earlier order for this plan is not done.
        NobodyToMove: none of them is on another version of it.
    """
    actor.require("plans.edit")
    with transaction.atomic():
        plan = locked_plan(plan_code)
        version = PlanVersion.objects.filter(plan=plan, number=number).exclude(published_at=None).first()
        if version is None:
            raise PlanNotFound(_("There is no version %(number)s of it.") % {"number": number}, field="number")
        if PlanMove.objects.filter(version__plan=plan, state=MoveState.RUNNING).exists():
            raise MoveUnderWay(_("Organizations of this plan are being moved right now. Wait until that is done."))
        found = _movable(plan.code, version.number).filter(pk__in=tenant_ids).values_list("pk", flat=True)
        targets = sorted(found)
        if not targets:
            raise NobodyToMove(_("Nobody of those you chose is on another version of this plan."))
        move = PlanMove.objects.create(version=version, total=len(targets), ordered_by=actor.label, reason=reason)
        PlanMoveTarget.objects.bulk_create(PlanMoveTarget(move=move, tenant_id=pk) for pk in targets)
        facts = {"number": number, "organizations": len(targets)}
        record(
            action="plan.move_ordered",
            actor_label=actor.label,
            actor_kind=actor.kind,
            target=plan.code,
            reason=reason,
            data=facts,
        )
        enqueue(MoveSubscribers(move_id=move.public_id), key=f"plan-move:{move.public_id.hex}")
    return move


def move_part(job: MoveSubscribers) -> MoveSubscribers | None:
    """Move the next organizations of an order; the job that follows, or None when all were.

    Twice: who was moved has no row any more, and is not moved again. On the platform.
    """
    with platform_scope(reason="move subscribers"), transaction.atomic():
        # Two workers of one order come one after the other.
        move = PlanMove.objects.select_for_update().filter(public_id=job.move_id, state=MoveState.RUNNING).first()
        if move is None:
            return None
        version = with_parts().select_related("plan").get(pk=move.version_id)
        part = list(PlanMoveTarget.objects.filter(move=move).order_by("pk")[:AT_ONCE])
        moved = _move(version, contents_of(version), [target.tenant_id for target in part], move)
        PlanMoveTarget.objects.filter(pk__in=[target.pk for target in part]).delete()
        PlanMove.objects.filter(pk=move.pk).update(done=F("done") + moved, skipped=F("skipped") + len(part) - moved)
        if PlanMoveTarget.objects.filter(move=move).exists():
            return replace(job, part=job.part + 1)
        # Each organization's entry has the reason. Here it would outlive one that it names, and that is erased.
        PlanMove.objects.filter(pk=move.pk).update(state=MoveState.DONE, finished_at=clock.now(), reason="")
    return None


def _move(version: PlanVersion, contents: VersionContents, tenant_ids: Sequence[UUID], move: PlanMove) -> int:
    plan_code = version.plan.code
    rows = _movable(plan_code, version.number).filter(pk__in=tenant_ids)
    tenants = list(rows.select_for_update(of=("self",)).order_by("pk"))
    additions = additions_of([tenant.pk for tenant in tenants])
    for tenant in tenants:
        given = granted(contents, additions.get(tenant.pk, ()))
        give_plan_version(tenant_id=tenant.pk, plan_code=plan_code, version=version.number, entitlements=given)
        record(
            action="plan.moved",
            actor_label=move.ordered_by,
            actor_kind="operator",
            tenant_id=tenant.pk,
            target=tenant.slug,
            reason=move.reason,
            data={"plan": plan_code, "from": tenant.plan_version, "to": version.number},
        )
    return len(tenants)


def _movable(plan_code: str, number: int) -> QuerySet[Tenant]:
    """Who is on another version of the plan; a sandbox follows its marketplace."""
    return Tenant.objects.filter(plan_code=plan_code, sandbox_of=None).exclude(plan_version=number)
