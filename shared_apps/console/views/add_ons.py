"""How many of each add-on an organization has."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kernel.errors import DomainError
from shared_apps.billing.selectors import standing_for
from shared_apps.console.forms import AddOnsForm
from shared_apps.console.frame import actor_of, render_console, tenant_uuid
from shared_apps.console.selectors import get_tenant
from shared_apps.operators.permissions import operator_required
from shared_apps.plans.selectors import add_ons_held, all_plans
from shared_apps.plans.services import set_add_on
from shared_apps.plans.types import PlanKind
from webui.forms import add_domain_error
from webui.htmx import add_toast, redirect_to

_UNPROCESSABLE = 422


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def add_ons(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """A number for each; what the organization may do follows within seconds."""
    actor, tenant_uid = actor_of(request), tenant_uuid(tenant_id)
    row = get_tenant(actor, tenant_uid)
    held = {plan.code: quantity for plan, _version, quantity in add_ons_held(tenant_uid)}
    known = [plan for plan in all_plans(PlanKind.ADD_ON) if plan.current_id and (plan.is_offered or plan.code in held)]
    form, status = AddOnsForm(request.POST or None, add_ons=known, held=held), 200
    if request.method == "POST":
        status = _UNPROCESSABLE
        if form.is_valid():
            try:
                for code, number in form.changed.items():
                    reason = form.cleaned_data["reason"]
                    set_add_on(actor=actor, tenant_id=tenant_uid, code=code, quantity=number, reason=reason)
            except DomainError as error:
                add_domain_error(form, error)
                status = error.http_status
            else:
                add_toast(request, _("Saved."))
                return redirect_to(request, reverse("console_tenant", args=[row.id_text]))
    subscription = standing_for(actor, tenant_uid).subscription
    context = {
        "row": row,
        "form": form,
        "numbers": [field for field in form if field.name.startswith("number_")],
        "is_billed": bool(subscription and subscription.stripe_id),
    }
    return render_console(request, "console/tenant_add_ons.html", context, place="tenants", status=status)
