"""Plans and their entitlements."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from shared_apps.console.frame import actor_of, render_console
from shared_apps.console.selectors import plan_row, plan_rows, tenants_on_plan
from shared_apps.operators.permissions import operator_required


@operator_required("plans.view")
@require_safe
def plans(request: HttpRequest) -> HttpResponseBase:
    """Every plan side by side."""
    return render_console(request, "console/plans.html", {"rows": plan_rows(actor_of(request))}, place="plans")


@operator_required("plans.view")
@require_safe
def plan(request: HttpRequest, code: str) -> HttpResponseBase:
    """One plan, what it gives, and who is on it."""
    actor = actor_of(request)
    context = {"row": plan_row(actor, code), "tenants": tenants_on_plan(actor, code)}
    return render_console(request, "console/plan.html", context, place="plans")
