"""The platform's side of the walk: the marketplaces one owns, and the door to each."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shared_apps.accounts.models import User
from shared_apps.entry.errors import NotYourMarketplace
from shared_apps.entry.selectors import marketplace_of, marketplaces_of
from shared_apps.entry.services import founder_in, issue_entry_code
from tenants.models import Tenant


@login_required
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The signed-in person's marketplaces."""
    marketplaces = [tenant.as_context() for tenant in marketplaces_of(cast("User", request.user))]  # login_required
    return render(request, "entry/home.html", {"marketplaces": marketplaces})


@never_cache
@require_safe
def walk(request: HttpRequest, slug: str) -> HttpResponse:
    """Send the owner on to their marketplace with a code. The marketplace sent them here with its browser's challenge.

    A GET, as every sign-in between two hosts is: a form may not be answered with a redirect to another host (CSP).
    """
    tenant, owner = _owner_at_the_door(request, slug)
    if owner is None:
        # Not back to here: the sign-in form's answer may not lead on to another host (CSP), but a link on that page may.
        return redirect_to_login(reverse("entry_home"))
    if tenant is None:
        raise NotYourMarketplace(_("There is no such marketplace among yours."))
    code = issue_entry_code(user=owner, tenant=tenant, browser_challenge=request.GET.get("challenge", ""))
    response = HttpResponseRedirect(f"{tenant.as_context().base_url}/enter/?{urlencode({'code': code})}")
    response["Referrer-Policy"] = "no-referrer"
    return response


def _owner_at_the_door(request: HttpRequest, slug: str) -> tuple[Tenant | None, User | None]:
    """The marketplace and who walks: the signed-in owner, or the founder whose browser this is."""
    tenant = Tenant.objects.filter(slug__iexact=slug).prefetch_related("domains").first()
    founder = None if tenant is None else founder_in(request.session, tenant_id=tenant.pk)
    if founder is not None:
        return tenant, founder
    if not request.user.is_authenticated:
        return None, None
    return marketplace_of(request.user, slug=slug), request.user
