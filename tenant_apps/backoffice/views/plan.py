"""Settings, plan: what it allows, and how much of that is used."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kernel import clock
from shared_apps.plans.selectors import plan_named
from tenant_apps.backoffice.selectors.plan import switches_of_plan, uses_of_plan
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import page
from tenants.scope import current_tenant


@page("plan.manage")
def plan(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every limit with its use, and what else is included."""
    context = {
        "desk": desk,
        "section": "plan",
        "plan": plan_named(current_tenant().plan),
        "uses": uses_of_plan(now=clock.now()),
        "switches": switches_of_plan(),
    }
    return render(request, "backoffice/plan.html", context)
