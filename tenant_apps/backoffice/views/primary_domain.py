"""Settings, domains: which address is the primary one. It changes where everybody is signed in, so it asks beforehand."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from kernel.errors import DomainError
from shared_apps.accounts.models import User
from shared_apps.domains.selectors import platform_host_of, shown_host
from shared_apps.domains.services import use_as_primary, use_platform_address
from shared_apps.entry.selectors import members_who_own
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.domains import EDIT, domain_at
from tenant_apps.backoffice.views.gate import form_page
from tenants.hosts import context_for
from tenants.scope import current_tenant, platform_scope
from webui.htmx import add_toast, redirect_to


@form_page(EDIT)
def make_primary(request: HttpRequest, desk: Desk, domain_id: str) -> HttpResponse:
    """Say what follows, then make a domain the primary address."""
    domain = domain_at(desk, domain_id)
    back = reverse("backoffice:domain", args=[domain.outside_id])
    if request.method != "POST":
        return _question(request, desk, domain.host, back)
    return _change(
        request,
        desk,
        lambda: use_as_primary(actor=desk.actor, tenant_id=domain.tenant_id, domain_id=domain.public_id).host,
        back=back,
    )


@form_page(EDIT)
def make_platform_primary(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Say what follows, then make the address on the platform the primary one again."""
    tenant_id, back = current_tenant().id, reverse("backoffice:domains")
    if request.method != "POST":
        return _question(request, desk, platform_host_of(tenant_id), back)
    return _change(request, desk, lambda: use_platform_address(actor=desk.actor, tenant_id=tenant_id), back=back)


def _question(request: HttpRequest, desk: Desk, host: str, back: str) -> HttpResponse:
    return render(request, "backoffice/domain_primary.html", {"desk": desk, "host": shown_host(host), "back": back})


def _change(request: HttpRequest, desk: Desk, write: Callable[[], str], *, back: str) -> HttpResponse:
    try:
        host = write()
    except DomainError as error:
        add_toast(request, error.message, kind="bad")
        return redirect_to(request, back)
    # A page, and no redirect: this host leads on to the other from now on, and a form's answer may not (CSP).
    context = {"desk": desk, "host": shown_host(host), "url": _way_in(request)}
    return render(request, "backoffice/domain_moved.html", context)


def _way_in(request: HttpRequest) -> str:
    """Where this person goes on at the new address: owners walk in from the platform, the others sign in."""
    person, tenant_id = request.user, current_tenant().id
    assert isinstance(person, User)  # behind the door
    moved = context_for(tenant_id)
    assert moved is not None  # it has just answered
    with platform_scope(reason="who owns it"):
        is_owner = person.public_id in members_who_own(tenant_id)
    return moved.base_url + ("/enter/" if is_owner else reverse("backoffice:domains"))
