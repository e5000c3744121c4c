"""The customer's own page: the bookings ahead and those behind."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shared_apps.accounts.selectors import has_verified_email
from tenant_apps.bookings.selectors import get_bookings_for
from tenant_apps.bookings.selectors.status import get_rows
from tenant_apps.bookings.services import claim_bookings_of
from tenant_apps.bookings.types import When, Wish
from tenant_apps.bookings.views.asking import actor_of, user_of, zone_hint_of
from tenants.scope import current_tenant


@never_cache
@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """What the signed-in person has booked; by pages, what is ahead first."""
    user = user_of(request)
    assert user is not None  # login_required
    if has_verified_email(user):
        # The event that does it may still be on its way, and who has just proved their address looks here first.
        claim_bookings_of(user_id=user.pk, email=user.email)
    when = When.BEHIND if request.GET.get("show") == When.BEHIND.value else When.AHEAD
    page = get_bookings_for(
        actor=actor_of(request),
        wish=Wish(when=when, customer_pk=user.pk),
        cursor=request.GET.get("after") or request.GET.get("before"),
    )
    zone = zone_hint_of(request) or current_tenant().time_zone
    context = {"page": page, "rows": get_rows(page.rows, zone=zone), "is_past": when is When.BEHIND, "zone": zone}
    return render(request, "bookings/account.html", context)
