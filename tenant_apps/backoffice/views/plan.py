"""Settings, plan: what it allows, and how much of that is used."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kernel import clock
from shared_apps.billing.selectors import MANAGE, billing_now, owner_standing
from shared_apps.billing.services import is_billed
from shared_apps.metering.selectors import usage_now
from shared_apps.plans.selectors import locked_features, plan_named, standing_of
from tenant_apps.backoffice.rules.clock import days_left
from tenant_apps.backoffice.selectors.plan import FOR_SALE, larger_in_own_words, standing_uses, switches_of_plan
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import page
from tenants.scope import current_tenant


@page(MANAGE)
def plan(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How the subscription stands, every limit with its use, what else is included, what is not, and what else there is.

    Nothing of it is asked of Stripe: what it told last is written here.
    """
    tenant, now = current_tenant(), clock.now()
    billing = owner_standing(desk.actor, tenant.id) if is_billed() else None
    context = {
        "desk": desk,
        "section": "plan",
        "plan": plan_named(tenant.plan),
        "standing": standing_of(tenant),
        "uses": standing_uses(now=now),
        "standing_use": usage_now(tenant, now=now),
        "switches": switches_of_plan(),
        "locked": locked_features(tenant, FOR_SALE),
        "larger": larger_in_own_words(),
        "billing": billing,
        "days_left": days_left(billing.subscription.trial_ends_at, billing_now()) if billing else 0,
        "zone": tenant.time_zone,
    }
    return render(request, "backoffice/plan.html", context)


@page(MANAGE)
def plan_use(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The bars alone, which the page fetches anew while it is open."""
    del desk
    standing = usage_now(current_tenant(), now=clock.now())
    return render(request, "backoffice/plan_use.html", {"standing": standing})
