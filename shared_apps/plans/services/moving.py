"""Moving organizations from one version of a plan to another: ordered by an operator, done by a job in parts.

Whoever pays goes on to the version's price with their next invoice; nothing is charged or given back for what is paid.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID, uuid5

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
from shared_apps.plans.services.billed import Order, biller
from shared_apps.plans.services.drafting import locked_plan
from shared_apps.plans.types import MoveState, VersionContents
from tenants.models import Tenant
from tenants.registry import give_plan_version
from tenants.scope import platform_scope

AT_ONCE: Final = 100
"""Moved in one transaction: a second's work, however many there are."""
BILLED_AT_ONCE: Final = 5
"""Of those who pay in one part: a few questions to Stripe each, of ten seconds at most, within the job's lease."""


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

    Those who pay one by one, since Stripe is asked for each; then all others. Twice: who was moved has no row any more, and is
    not moved again; what was asked of Stripe for one is asked again with its key. On the platform.

    Raises:
        TemporaryFailure: Stripe is away, or another change of somebody's is under way: the job comes again.
    """
    for order in _next_billed(job.move_id):
        _settle(job.move_id, order, is_moved=biller().move(order))
    with platform_scope(reason="move subscribers"), transaction.atomic():
        # Two workers of one order come one after the other.
        move = _running(job.move_id).select_for_update().first()
        if move is None:
            return None
        version = with_parts().select_related("plan").get(pk=move.version_id)
        part = list(PlanMoveTarget.objects.filter(move=move).order_by("pk")[:AT_ONCE])
        billed = set(biller().billed([target.tenant_id for target in part]))
        free = [target for target in part if target.tenant_id not in billed]
        moved = _move(version, contents_of(version), [target.tenant_id for target in free], move)
        PlanMoveTarget.objects.filter(pk__in=[target.pk for target in free]).delete()
        PlanMove.objects.filter(pk=move.pk).update(done=F("done") + moved, skipped=F("skipped") + len(free) - moved)
        return _following(job, move)


def _following(job: MoveSubscribers, move: PlanMove) -> MoveSubscribers | None:
    if PlanMoveTarget.objects.filter(move=move).exists():
        return replace(job, part=job.part + 1)
    # Each organization's entry has the reason. Here it would outlive one that it names, and that is erased.
    PlanMove.objects.filter(pk=move.pk).update(state=MoveState.DONE, finished_at=clock.now(), reason="")
    return None


def _running(move_id: UUID) -> QuerySet[PlanMove]:
    return PlanMove.objects.filter(public_id=move_id, state=MoveState.RUNNING)


def _next_billed(move_id: UUID) -> list[Order]:
    """The next few of an order who pay, by a key that is the same whenever they are come to."""
    with platform_scope(reason="who pays of those to be moved"):
        move = _running(move_id).select_related("version__plan").first()
        if move is None:
            return []
        part = list(PlanMoveTarget.objects.filter(move=move).order_by("pk").values_list("tenant_id", flat=True)[:AT_ONCE])
        plan_code, number = move.version.plan.code, move.version.number
        billed = set(biller().billed(part))
        return [
            Order(uuid5(move_id, tenant_id.hex), tenant_id, plan_code, number, move.ordered_by, move.reason)
            for tenant_id in part
            if tenant_id in billed
        ][:BILLED_AT_ONCE]


def _settle(move_id: UUID, order: Order, *, is_moved: bool) -> None:
    """Count one who pays, whoever else is at the same order."""
    with platform_scope(reason="count who was moved"), transaction.atomic():
        move = _running(move_id).select_for_update().first()
        if move is None or not PlanMoveTarget.objects.filter(move=move, tenant_id=order.tenant_id).delete()[0]:
            return
        counted = {"done": F("done") + 1} if is_moved else {"skipped": F("skipped") + 1}
        PlanMove.objects.filter(pk=move.pk).update(**counted)
        tenant = Tenant.objects.filter(pk=order.tenant_id).first()
        if is_moved and tenant is not None:
            _note_moved(move, tenant, {"plan": order.plan_code, "to": order.number, "billed": True})


def _move(version: PlanVersion, contents: VersionContents, tenant_ids: Sequence[UUID], move: PlanMove) -> int:
    plan_code = version.plan.code
    rows = _movable(plan_code, version.number).filter(pk__in=tenant_ids)
    tenants = list(rows.select_for_update(of=("self",)).order_by("pk"))
    additions = additions_of([tenant.pk for tenant in tenants])
    for tenant in tenants:
        given = granted(contents, additions.get(tenant.pk, ()))
        give_plan_version(tenant_id=tenant.pk, plan_code=plan_code, version=version.number, entitlements=given)
        _note_moved(move, tenant, {"plan": plan_code, "from": tenant.plan_version, "to": version.number})
    biller().follow([tenant.pk for tenant in tenants], plan_code, version.number)
    return len(tenants)


def _note_moved(move: PlanMove, tenant: Tenant, facts: Mapping[str, str | int]) -> None:
    record(
        action="plan.moved",
        actor_label=move.ordered_by,
        actor_kind="operator",
        tenant_id=tenant.pk,
        target=tenant.slug,
        reason=move.reason,
        data=facts,
    )


def _movable(plan_code: str, number: int) -> QuerySet[Tenant]:
    """Who is on another version of the plan; a sandbox follows its marketplace."""
    return Tenant.objects.filter(plan_code=plan_code, sandbox_of=None).exclude(plan_version=number)
