"""The platform's page of a marketplace that is not served, for its owner: what happened, what is owed, what people see."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from kernel.actor import Actor
from kernel.errors import DomainError
from provisioning.views.owners import owners_page_of
from shared_apps.billing.selectors import MANAGE, OwnerStanding, owner_standing
from shared_apps.billing.services import begin_checkout
from shared_apps.entry.selectors import standing_ownership, suspension_of
from shared_apps.operators.selectors import contact_of_platform
from shared_apps.plans.types import Interval
from tenants.models import Tenant
from tenants.suspending import holders_of
from tenants.types import SuspendedBy, TenantStatus
from webui.htmx import add_toast, redirect_to

_owners_page: Final = owners_page_of(standing_ownership, frozenset({MANAGE}))


@_owners_page
@require_safe
def page(request: HttpRequest, owned: Tenant, actor: Actor) -> HttpResponseBase:
    """Why it is suspended, and the way back. Who comes back from Stripe is told that it takes a moment."""
    # A sandbox is out of service with its marketplace, whose owners are its own.
    tenant = owned if owned.status != TenantStatus.ACTIVE else owned.sandbox_of or owned
    if tenant.status == TenantStatus.CLOSING and tenant.closing_since_at is not None:
        return redirect("closed_marketplace", tenant.slug)
    if tenant.status != TenantStatus.SUSPENDED:
        return redirect("entry_home")
    held = holders_of(tenant)
    context = {
        "market": tenant,
        "is_unpaid": SuspendedBy.BILLING in held,
        "is_withdrawn": held != {SuspendedBy.BILLING},
        "is_ajar": tenant.keeps_bookings,
        "suspension": suspension_of(tenant.pk),
        "standing": _billed(tenant, actor) if tenant == owned else None,
        "comes_from_stripe": "paid" in request.GET,
        "contact": contact_of_platform(),
    }
    return render(request, "provisioning/suspended.html", context)


@_owners_page
@require_POST
def checkout(request: HttpRequest, tenant: Tenant, actor: Actor) -> HttpResponseBase:
    """Begin to pay for the plan it is on; by a link, since a form may not be answered with another host (CSP)."""
    if _billed(tenant, actor) is None:
        raise Http404
    here = reverse("entry_standing", args=[tenant.slug])
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
    return render(request, "provisioning/suspended_leave.html", {"market": tenant, "url": url})


def _billed(tenant: Tenant, actor: Actor) -> OwnerStanding | None:
    """What is to be paid, of one that is suspended until it is."""
    is_unpaid = tenant.status == TenantStatus.SUSPENDED and SuspendedBy.BILLING in holders_of(tenant)
    return owner_standing(actor, tenant.pk) if is_unpaid else None
