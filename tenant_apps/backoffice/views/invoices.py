"""What the organization was billed: invoices as Stripe told of them, with their PDFs, and to whom they are made out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shared_apps.billing.selectors import MANAGE, invoices_for
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import page
from tenant_apps.backoffice.views.plan_change import standing_here
from tenants.scope import current_tenant


@page(MANAGE)
def invoices(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The newest first, a page at a time."""
    tenant = current_tenant()
    context = {
        "desk": desk,
        "section": "plan",
        "standing": standing_here(desk),
        "page": invoices_for(desk.actor, tenant.id, cursor=request.GET.get("after") or request.GET.get("before")),
        "zone": tenant.time_zone,
    }
    return render(request, "backoffice/invoices.html", context)
