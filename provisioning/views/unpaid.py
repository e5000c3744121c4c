"""The platform's page of a marketplace that is suspended until it is paid for: where its owner pays, and it is back."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from kernel.actor import Actor
from kernel.errors import DomainError
from provisioning.views.owners import owners_page_of
from shared_apps.billing.selectors import MANAGE, owner_standing
from shared_apps.billing.services import begin_checkout
from shared_apps.entry.selectors import unpaid_ownership
from shared_apps.plans.types import Interval
from tenants.models import Tenant
from webui.htmx import add_toast, redirect_to

_owners_page: Final = owners_page_of(unpaid_ownership, frozenset({MANAGE}))


@_owners_page
@require_safe
def page(request: HttpRequest, tenant: Tenant, actor: Actor) -> HttpResponseBase:
    """What is open, and where it is paid. Who comes back from Stripe is told that it takes a moment."""
    standing = owner_standing(actor, tenant.pk)
    context = {"market": tenant, "standing": standing, "comes_from_stripe": "paid" in request.GET, "intervals": Interval}
    return render(request, "provisioning/unpaid.html", context)


@_owners_page
@require_POST
def checkout(request: HttpRequest, tenant: Tenant, actor: Actor) -> HttpResponseBase:
    """Begin to pay for the plan it is on; by a link, since a form may not be answered with another host (CSP)."""
    here = reverse("unpaid_marketplace", args=[tenant.slug])
    wanted = request.POST.get("interval", "")
    try:
        url = begin_checkout(
            actor=actor,
            tenant_id=tenant.pk,
            plan_code=tenant.plan_code,
            interval=Interval(wanted) if wanted in Interval.values else Interval.MONTH,
            success_url=f"{settings.PLATFORM_URL}{here}?paid",
            cancel_url=f"{settings.PLATFORM_URL}{here}",
        )
    except DomainError as error:
        add_toast(request, error.message, kind="bad")
        return redirect_to(request, here)
    return render(request, "provisioning/unpaid_leave.html", {"market": tenant, "url": url})
