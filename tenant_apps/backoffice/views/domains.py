"""Settings, domains: those the organization brought along, what to set in DNS, and how each of them is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.errors import DomainError
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.selectors import (
    changes_of,
    domain_for,
    domains_for,
    lines_of,
    primary_host_of,
    records_of,
    shown_host,
    state_line,
)
from shared_apps.domains.services import check_domain_now, claim_domain, release_domain
from shared_apps.domains.types import DOMAIN_PREFIX, ClaimState
from shared_apps.plans.selectors import locked_features
from shared_apps.plans.services import has
from shared_apps.plans.types import CUSTOM_DOMAIN
from tenant_apps.backoffice.forms.domains import DomainForm
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.confirming import confirm_by_name
from tenant_apps.backoffice.views.gate import act, form_page, id_in, page, refusal
from tenants.scope import current_tenant
from webui.htmx import add_toast, redirect_to

EDIT = "domains.edit"


@form_page(EDIT)
def listing(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All addresses of the marketplace, and a form for one more."""
    if request.method != "POST":
        return _list_page(request, desk, DomainForm())
    form = DomainForm(request.POST)
    if not form.is_valid():
        return _list_page(request, desk, form, status=422)
    made: list[CustomDomain] = []
    refused = refusal(form, lambda: made.append(_claim(desk, form.cleaned_data["host"])))
    if refused is not None:
        return _list_page(request, desk, form, status=refused)
    add_toast(request, _("Added. Now set the records at your DNS provider."))
    return _to(request, made[0])


@page(EDIT)
def detail(request: HttpRequest, desk: Desk, domain_id: str) -> HttpResponse:
    """One domain: the records to set, what the last look found, what changed."""
    domain = domain_at(desk, domain_id)
    context = {
        "desk": desk,
        "domain": domain,
        "domain_id": domain_id,
        "state": state_line(domain),
        "records": records_of(domain),
        "lines": lines_of(domain),
        "changes": changes_of(domain),
        "is_primary": primary_host_of(domain.tenant_id) == domain.host,
        "is_gone": domain.state == ClaimState.RELEASED,
        "can_be_primary": domain.state == ClaimState.LIVE,
        "zone": current_tenant().time_zone,
    }
    return render(request, "backoffice/domain.html", context)


@act(EDIT)
def check(request: HttpRequest, desk: Desk, domain_id: str) -> HttpResponse:
    """Look now; the page then says what was found."""
    domain = domain_at(desk, domain_id)
    try:
        checked = check_domain_now(actor=desk.actor, tenant_id=domain.tenant_id, domain_id=domain.public_id)
    except DomainError as error:
        add_toast(request, error.message, kind="warn")
    else:
        line = state_line(checked)
        add_toast(request, str(line.sentence.text), kind=line.sentence.kind)
    return _to(request, domain)


@form_page(EDIT)
def remove(request: HttpRequest, desk: Desk, domain_id: str) -> HttpResponse:
    """Ask for the name, then give the domain up."""
    domain = domain_at(desk, domain_id)
    return confirm_by_name(
        request,
        desk,
        "backoffice/domain_remove.html",
        name=domain.shown_host,
        destroy=lambda typed: _release(desk, domain, typed),
        done=_("Removed."),
        back=reverse("backoffice:domain", args=[domain.outside_id]),
        home=reverse("backoffice:domains"),
    )


def _claim(desk: Desk, host: str) -> CustomDomain:
    return claim_domain(actor=desk.actor, tenant_id=current_tenant().id, host=host)


def _release(desk: Desk, domain: CustomDomain, confirmed_name: str) -> CustomDomain:
    return release_domain(
        actor=desk.actor, tenant_id=domain.tenant_id, domain_id=domain.public_id, confirmed_name=confirmed_name
    )


def domain_at(desk: Desk, domain_id: str) -> CustomDomain:
    """The domain in an address, also a removed one; else 404."""
    return domain_for(actor=desk.actor, tenant_id=current_tenant().id, domain_id=id_in(DOMAIN_PREFIX, domain_id))


def _list_page(request: HttpRequest, desk: Desk, form: DomainForm, *, status: int = 200) -> HttpResponse:
    tenant = current_tenant()
    primary = primary_host_of(tenant.id)
    domains = domains_for(actor=desk.actor, tenant_id=tenant.id)
    context = {
        "desk": desk,
        "section": "domains",
        "form": form,
        "rows": [(domain, state_line(domain), domain.host == primary) for domain in domains],
        "has_domains": has(CUSTOM_DOMAIN),
        "primary": shown_host(primary),
        "locked": locked_features(tenant, [CUSTOM_DOMAIN]),
        "brings_primary": any(domain.host == primary for domain in domains),
    }
    return render(request, "backoffice/domains.html", context, status=status)


def _to(request: HttpRequest, domain: CustomDomain) -> HttpResponse:
    return redirect_to(request, reverse("backoffice:domain", args=[domain.outside_id]))
