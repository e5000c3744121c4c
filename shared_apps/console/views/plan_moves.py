"""Moving organizations to another version of their plan: who and what it means for them, then how far it is."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kernel import clock
from kernel.errors import DomainError
from kernel.ids import format_public_id
from shared_apps.billing.selectors import costs_of_version
from shared_apps.console.catalogue import moves, plan_row
from shared_apps.console.forms import MoveForm
from shared_apps.console.frame import actor_of, render_console, tenant_uuid
from shared_apps.operators.permissions import operator_required
from shared_apps.plans.selectors import version_contents, what_if
from shared_apps.plans.services import order_move
from shared_apps.plans.types import TenantReplay
from tenants.types import TENANT_PREFIX
from webui.forms import add_domain_error
from webui.htmx import add_toast, redirect_to

SHOWN = 100
_UNPROCESSABLE = 422


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, code: str, number: int) -> HttpResponseBase:
    """Everybody on another version, what they would pay, and what they would have too much of; some or all are moved."""
    actor = actor_of(request)
    row = plan_row(actor, code)
    contents = version_contents(code, number)
    if row.is_add_on or contents is None or number == row.draft:
        raise Http404
    found = what_if(actor, row.plan, contents, today=clock.now().date())
    elsewhere = [replay for replay in found.replays if replay.number != number]
    shown = elsewhere[:SHOWN]
    form, status = MoveForm(request.POST or None, choices=[(_id(one), one.name) for one in shown]), 200
    if request.method == "POST":
        status = _UNPROCESSABLE
        if form.is_valid():
            given = form.cleaned_data
            chosen = [one.tenant_id for one in elsewhere] if given["everybody"] else map(tenant_uuid, given["tenants"])
            try:
                order_move(actor=actor, plan_code=code, number=number, tenant_ids=list(chosen), reason=given["reason"])
            except DomainError as error:
                add_domain_error(form, error)
                status = error.http_status
            else:
                add_toast(request, _("They are on their way. This page shows how far it is."))
                return redirect_to(request, reverse("console_plan", args=[code]) + "#moves")
    picked = set(form["tenants"].value() or ()) if form.is_bound else set()
    costs = costs_of_version([one.tenant_id for one in shown], code, number)
    context = {
        "row": row,
        "number": number,
        "form": form,
        "found": found,
        "lines": [(one, _id(one), _id(one) in picked, costs.get(one.tenant_id)) for one in shown],
        "total": len(elsewhere),
    }
    return render_console(request, "console/plan_move.html", context, place="plans", status=status)


@operator_required("plans.view")
@require_safe
def progress(request: HttpRequest, code: str) -> HttpResponseBase:
    """How far the last orders are: a part of the plan's page, fetched while one is under way."""
    row = plan_row(actor_of(request), code)
    return render_console(request, "console/plan_moves.html", {"row": row, "moves": moves(row)}, place="plans")


def _id(replay: TenantReplay) -> str:
    return format_public_id(TENANT_PREFIX, replay.tenant_id)
