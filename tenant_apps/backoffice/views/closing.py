"""Closing the marketplace: what follows from it, its name to confirm, and a fresh proof of who asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.urls import reverse

from kernel import clock
from shared_apps.accounts.models import User
from shared_apps.accounts.services import has_proved_lately
from shared_apps.closing.services import CLOSE_OWN, close_own_organization
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.confirming import ask_for_name, require_name
from tenant_apps.backoffice.views.gate import form_page
from tenant_apps.bookings.selectors.closing import bookings_to_come
from tenants.closing import grace, obstacle_to_closing
from tenants.errors import WrongState
from tenants.scope import current_tenant

# As fresh as an operator's password must be for what cannot be taken back.
_RECENT: Final = timedelta(minutes=10)


@form_page(CLOSE_OWN)
def close(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask for the name, then close. The page that says so is the last one here: it leads to where it can be taken back."""
    back = reverse("backoffice:settings")
    if (obstacle := obstacle_to_closing(current_tenant().id)) is not None:
        context = {"desk": desk, "obstacle": obstacle, "back": back}
        status = WrongState.http_status if request.method == "POST" else 200
        return render(request, "backoffice/close_obstacle.html", context, status=status)
    if not has_proved_lately(request, within=_RECENT):
        return _ask_for_proof(request, desk)
    return ask_for_name(
        request,
        desk,
        "backoffice/close.html",
        name=current_tenant().name,
        destroy=lambda typed: _close(desk, typed),
        leave=lambda: _closed(request),
        back=back,
        to_come=bookings_to_come(now=clock.now()).count(),
        erases_at=clock.now() + grace(),
    )


def _close(desk: Desk, typed: str) -> None:
    require_name(typed, current_tenant().name)
    close_own_organization(actor=desk.actor, tenant_id=current_tenant().id)


def _closed(request: HttpRequest) -> HttpResponse:
    context = {"erases_at": clock.now() + grace(), "platform_url": f"{settings.PLATFORM_URL}/account/"}
    return render(request, "backoffice/closed.html", context)


def _ask_for_proof(request: HttpRequest, desk: Desk) -> HttpResponse:
    """By password where there is one; an owner who has none walks in from the platform."""
    if cast("User", request.user).has_usable_password():  # behind the gate
        return redirect_to_login(reverse("backoffice:close"), login_url=resolve_url("account_reauthenticate"))
    return render(request, "backoffice/close_proof.html", {"desk": desk, "back": reverse("backoffice:settings")})
