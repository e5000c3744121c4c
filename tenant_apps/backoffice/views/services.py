"""Services: the list, a new one, one of them, its state and its place."""

from __future__ import annotations

from itertools import groupby
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.actor import Actor
from kernel.errors import DomainError
from tenant_apps.backoffice.forms.service import NewServiceForm, ServiceForm, new_service_values, service_values
from tenant_apps.backoffice.rules import moved
from tenant_apps.backoffice.views.access import id_in, staff_page
from tenant_apps.catalog import services as catalog
from tenant_apps.catalog.permissions import EDIT
from tenant_apps.catalog.selectors import category_choices, service_for_staff, services_for_staff
from tenant_apps.catalog.types import SERVICE_PREFIX, ServiceDetails
from tenant_apps.providers.permissions import VIEW as VIEW_PROVIDERS
from tenant_apps.providers.selectors import own_profile, providers_for_staff
from tenants.scope import current_tenant
from webui.forms import add_domain_error
from webui.htmx import add_toast, redirect_to, render_page

_MOST_PROVIDERS = 200


@require_safe
@staff_page
def services(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the actor may work on, by provider and in the provider's order."""
    cards = services_for_staff(actor=actor)
    groups = [
        (group[0].provider, group) for _pk, rows in groupby(cards, lambda card: card.provider.pk) if (group := list(rows))
    ]
    context = {"groups": groups, "may_create": bool(_offerers(actor)), "has_categories": bool(category_choices())}
    return render_page(request, "backoffice/services.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Offer something new."""
    offerers = _offerers(actor)
    own = own_profile(actor)
    initial = new_service_values() | {"provider_id": str(own.id) if own else ""}
    form = NewServiceForm(
        request.POST or None, initial=initial, tenant=current_tenant(), categories=category_choices(), providers=offerers
    )
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return _new_page(request, form, status=status)
    try:
        made = catalog.create_service(actor=actor, provider_id=form.cleaned_data["provider_id"], draft=form.draft())
        if "publish" in request.POST:
            catalog.publish_service(actor=actor, service_id=made.id)
    except DomainError as error:
        add_domain_error(form, error)
        return _new_page(request, form, status=error.http_status)
    add_toast(request, _("“%(title)s” is there.") % {"title": made.title})
    return redirect_to(request, reverse("backoffice_services"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def service(request: HttpRequest, actor: Actor, service_id: str) -> HttpResponse:
    """Change a service."""
    found = service_for_staff(id_in(SERVICE_PREFIX, service_id), actor=actor)
    form = ServiceForm(
        request.POST or None,
        initial=service_values(found, current_tenant()),
        tenant=current_tenant(),
        categories=category_choices(),
    )
    if request.method != "POST" or not form.is_valid():
        return _page(request, found, form, status=422 if request.method == "POST" else 200)
    try:
        catalog.update_service(actor=actor, service_id=found.id, draft=form.draft())
    except DomainError as error:
        add_domain_error(form, error)
        return _page(request, found, form, status=error.http_status)
    add_toast(request, _("Saved."))
    return redirect_to(request, reverse("backoffice_services"))


@require_POST
@staff_page
def publish(request: HttpRequest, actor: Actor, service_id: str) -> HttpResponse:
    """Put it on sale."""
    found = catalog.publish_service(actor=actor, service_id=id_in(SERVICE_PREFIX, service_id))
    undo_url = reverse("backoffice_service_hide", args=[service_id])
    words = _("“%(title)s” is on sale.") if found.is_bookable else _("“%(title)s” is on sale as soon as the page is published.")
    add_toast(request, words % {"title": found.title}, undo_url=undo_url)
    return redirect_to(request, reverse("backoffice_services"))


@require_POST
@staff_page
def hide(request: HttpRequest, actor: Actor, service_id: str) -> HttpResponse:
    """Take it off sale."""
    found = catalog.hide_service(actor=actor, service_id=id_in(SERVICE_PREFIX, service_id))
    undo_url = reverse("backoffice_service_publish", args=[service_id])
    add_toast(request, _("“%(title)s” is off sale. Bookings made stand.") % {"title": found.title}, undo_url=undo_url)
    return redirect_to(request, reverse("backoffice_services"))


@require_POST
@staff_page
def move(request: HttpRequest, actor: Actor, service_id: str) -> HttpResponse:
    """One place up or down among the same provider's."""
    found = service_for_staff(id_in(SERVICE_PREFIX, service_id), actor=actor)
    present = [card.id for card in services_for_staff(actor=actor, provider_pk=found.provider.pk)]
    wanted = moved(present, found.id, 1 if request.POST.get("to") == "down" else -1)
    catalog.reorder_services(actor=actor, provider_id=found.provider.id, service_ids=wanted)
    return redirect_to(request, reverse("backoffice_services"))


def _offerers(actor: Actor) -> list[tuple[UUID, str]]:
    """In whose names the actor may offer something."""
    if actor.can(EDIT) and actor.can(VIEW_PROVIDERS):
        return [(card.id, card.name) for card in providers_for_staff(actor=actor, limit=_MOST_PROVIDERS).rows]
    own = own_profile(actor)
    return [] if own is None else [(own.id, own.name)]


def _new_page(request: HttpRequest, form: NewServiceForm, *, status: int) -> HttpResponse:
    return render_page(request, "backoffice/service.html", {"form": form, "service": None}, status=status)


def _page(request: HttpRequest, found: ServiceDetails, form: ServiceForm, *, status: int) -> HttpResponse:
    return render_page(request, "backoffice/service.html", {"form": form, "service": found}, status=status)
