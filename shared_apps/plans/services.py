"""Enforces entitlements, and writes plans and who is on which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.db import insert_or_none
from kernel.errors import PlanLimit
from kernel.locking import lock_named
from shared_apps.plans.models import Plan
from shared_apps.plans.registry import Limit, Switch, Value
from shared_apps.plans.rules import DEFAULT_PLANS, TRIAL_DAYS, check_values
from shared_apps.plans.selectors import allowance, entitlements_for, get_plan, has
from tenants.models import Tenant
from tenants.registry import set_entitlements, update_tenant
from tenants.scope import platform_scope


def require(switch: Switch) -> None:
    """Refuse what the current organization's plan does not include.

    Raises:
        PlanLimit: naming the entitlement.
    """
    if not has(switch):
        raise PlanLimit(_("Your plan does not include this: %(what)s.") % {"what": switch.label}, entitlement=switch.name)


def within_limit(limit: Limit, *, count: Callable[[], int], adding: int = 1) -> None:
    """Refuse `adding` more where the current organization's plan allows less; call it in the transaction that adds them.

    Takes the advisory lock of (tenant, entitlement) until the end of the transaction, then counts: of two that add the
    last one at the same moment, the second counts what the first has added. Without a limit nothing is locked or counted.

    Raises:
        PlanLimit: naming the entitlement.
        NotLocked: outside of a transaction.
    """
    allowed = allowance(limit)
    if allowed is None:
        return
    lock_named(f"plan limit {limit.name}")
    if count() + adding > allowed:
        raise PlanLimit(
            _("Your plan allows %(allowed)d: %(what)s.") % {"allowed": allowed, "what": limit.label}, entitlement=limit.name
        )


def load_default_plans() -> int:
    """Write the plans that are missing; how many were. Those that are there stay as the operator made them."""
    with platform_scope(reason="load plans"):
        return sum(
            insert_or_none(
                Plan(
                    code=draft.code,
                    name=draft.name,
                    tagline=draft.tagline,
                    price_minor=draft.price_minor,
                    currency=draft.currency,
                    trial_days=TRIAL_DAYS,
                    entitlements=dict(draft.entitlements),
                    position=position,
                )
            )
            is not None
            for position, draft in enumerate(DEFAULT_PLANS)
        )


def start_trial(*, tenant_id: UUID, plan_code: str, now: datetime | None = None) -> datetime:
    """Put an organization on a plan, free until the returned instant. Called again, the trial does not start anew.

    Raises:
        PlanNotFound: there is no such plan.
    """
    plan = get_plan(plan_code)
    with platform_scope(reason="start trial"):
        running = Tenant.objects.filter(pk=tenant_id).values_list("trial_ends_at", flat=True).first()
    ends_at = running or (now or clock.now()) + timedelta(days=plan.trial_days)
    update_tenant(tenant_id=tenant_id, plan_code=plan.code, entitlements=entitlements_for(plan), trial_ends_at=ends_at)
    return ends_at


def change_plan(*, actor: Actor, code: str, entitlements: Mapping[str, Value]) -> None:
    """Change values of a plan; every organization on it has them within seconds.

    Raises:
        PermissionDenied, PlanNotFound, EntitlementInvalid.
    """
    actor.require("plans.edit")
    check_values(entitlements)
    with platform_scope(reason="change plan"), transaction.atomic():
        plan = Plan.objects.select_for_update().filter(pk=get_plan(code).pk).get()
        plan.entitlements = {**plan.entitlements, **entitlements}
        plan.save(update_fields=["entitlements"])
        set_entitlements(plan_code=code, entitlements=entitlements_for(plan))
