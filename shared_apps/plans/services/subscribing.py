"""What an organization is given: the plan it begins on, and add-ons beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.errors import NotFound
from kernel.locking import lock_rows, lock_timeout
from shared_apps.audit.services import record
from shared_apps.plans.errors import PlanNotPublished
from shared_apps.plans.models import PlanVersion, TenantAddOn
from shared_apps.plans.rules import granted
from shared_apps.plans.selectors import additions_of, contents_of, current_terms, get_plan, with_parts
from shared_apps.plans.types import PlanKind
from tenants.models import Tenant
from tenants.registry import give_plan_version, update_tenant
from tenants.scope import platform_scope


def start_trial(*, tenant_id: UUID, plan_code: str, now: datetime | None = None) -> datetime:
    """Put an organization on a plan, free until the returned instant. Called again, the trial does not start anew.

    Raises:
        PlanNotFound: there is no such plan.
    """
    terms = current_terms(plan_code)
    version = PlanVersion.objects.get(plan__code=terms["plan_code"], number=terms["plan_version"])
    running = Tenant.objects.filter(pk=tenant_id).values_list("trial_ends_at", flat=True).first()
    ends_at = running or (now or clock.now()) + timedelta(days=version.trial_days)
    update_tenant(tenant_id=tenant_id, **terms, trial_ends_at=ends_at)
    return ends_at


def set_add_on(*, actor: Actor, tenant_id: UUID, code: str, quantity: int, reason: str = "") -> None:
    """Let an organization have so many of an add-on, none with 0; what it may do follows within seconds.

    The first time it gets the version that is current then, and keeps that however its number changes.

    Raises:
        PermissionDenied: the actor may not.
        PlanNotFound, PlanNotPublished: there is no such add-on, or nothing of it was published.
        NotFound: there is no such organization.
    """
    actor.require("plans.edit")
    add_on = get_plan(code, kind=PlanKind.ADD_ON)
    with transaction.atomic():
        tenant = _locked(tenant_id)
        held = TenantAddOn.objects.filter(tenant=tenant, add_on=add_on).first()
        if quantity <= 0:
            TenantAddOn.objects.filter(tenant=tenant, add_on=add_on).delete()
        elif held is not None:
            TenantAddOn.objects.filter(pk=held.pk).update(quantity=quantity)
        elif add_on.current is None:
            raise PlanNotPublished(_("Nothing of this was published yet."), field="code")
        else:
            TenantAddOn.objects.create(tenant=tenant, add_on=add_on, version=add_on.current, quantity=quantity)
        give_again(tenant)
        record(
            action="plan.add_on_set",
            actor_label=actor.label,
            actor_kind=actor.kind,
            tenant_id=tenant_id,
            target=tenant.slug,
            reason=reason,
            data={"add_on": code, "quantity": max(0, quantity)},
        )


def follow_subscription(*, tenant_id: UUID, plan_code: str, number: int, add_ons: Mapping[str, tuple[int, int]]) -> None:
    """Give an organization, and its sandbox, just what it is billed for: a version, and of add-ons so many of a version each.

    `add_ons` has version and quantity by code. Called again it changes nothing. Add-ons that are gone are left out.
    """
    with platform_scope(reason="follow subscription"), transaction.atomic():
        tenant = _locked(tenant_id)
        Tenant.objects.filter(sandbox_of=tenant).update(plan_code=plan_code)
        update_tenant(tenant_id=tenant_id, plan_code=plan_code, plan_version=number)
        TenantAddOn.objects.filter(tenant=tenant).exclude(add_on__code__in=add_ons).delete()
        for version in PlanVersion.objects.filter(plan__code__in=add_ons, plan__kind=PlanKind.ADD_ON).select_related("plan"):
            wanted, quantity = add_ons[version.plan.code]
            if version.number == wanted:
                held = {"version": version, "quantity": quantity}
                TenantAddOn.objects.update_or_create(tenant=tenant, add_on=version.plan, defaults=held)
        give_again(Tenant.objects.get(pk=tenant_id))


def give_again(tenant: Tenant) -> None:
    """Write what the organization's version and its add-ons give. In the transaction that holds its row."""
    version = with_parts().filter(plan__code=tenant.plan_code, number=tenant.plan_version).first()
    if version is None:
        return
    given = granted(contents_of(version), additions_of([tenant.pk]).get(tenant.pk, ()))
    give_plan_version(tenant_id=tenant.pk, plan_code=tenant.plan_code, version=tenant.plan_version, entitlements=given)


def _locked(tenant_id: UUID) -> Tenant:
    with lock_timeout():
        rows = lock_rows(Tenant.objects.filter(pk=tenant_id))
    if not rows:
        raise NotFound(_("This organization does not exist."))
    return rows[0]
