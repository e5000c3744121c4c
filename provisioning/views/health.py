"""How organizations are: the list, the worst first, and *look again now*."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel import clock
from provisioning.health.history import Span, history_of, slow_queries_of
from provisioning.health.reading import health_of, health_page, state_lines
from provisioning.health.services import gather_health, look_again
from provisioning.health.types import HealthState
from shared_apps.console.frame import actor_of, cursor_of, render_console, tenant_uuid
from shared_apps.console.selectors import get_tenant
from shared_apps.operators.permissions import operator_required
from webui.htmx import add_toast, redirect_to
from webui.searching import search_in


@operator_required("tenants.view")
@require_safe
def health(request: HttpRequest) -> HttpResponseBase:
    """Organizations by their score, searched and filtered."""
    search, state = search_in(request), request.GET.get("state", "")
    lines, as_of = state_lines()
    context = {
        "page": health_page(actor=actor_of(request), search=search, state=state, cursor=cursor_of(request)),
        "q": search,
        "state": state,
        "states": HealthState,
        "lines": lines,
        "as_of": as_of,
    }
    return render_console(request, "provisioning/console/health.html", context, place="health", partial="rows")


@operator_required("tenants.view")
@require_POST
def gather_all(request: HttpRequest) -> HttpResponseBase:
    """Gather everybody's figures now. Nobody is looked into: that is the round's, which takes its time."""
    gather_health(look_into_most=0)
    add_toast(request, _("Looked again."))
    return redirect_to(request, reverse("console_health"))


@operator_required("tenants.view")
@require_safe
def tenant_health(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """One organization's health: its score and why, its figures, and what was asked of it over a day or a week."""
    actor = actor_of(request)
    row = get_tenant(actor, tenant_uuid(tenant_id))
    wanted = request.GET.get("span", "")
    now = clock.now()
    span = Span(wanted) if wanted in list(Span) else Span.DAY
    context = {
        "row": row,
        "health": health_of(actor=actor, tenant_id=row.tenant.pk),
        "history": history_of(row.tenant.pk, span=span, now=now),
        "span": span,
        "slow": slow_queries_of(row.tenant.pk, now=now),
    }
    return render_console(request, "provisioning/console/tenant_health.html", context, place="health")


@operator_required("tenants.view")
@require_POST
def gather_one(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Gather one organization's figures now, and look into it."""
    look_again(actor=actor_of(request), tenant_id=tenant_uuid(tenant_id))
    add_toast(request, _("Looked again."))
    return redirect_to(request, reverse("console_tenant_health", args=[tenant_id]))
