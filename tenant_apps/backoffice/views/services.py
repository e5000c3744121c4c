"""A provider's services: listed, written, put up for sale, taken down, put in order."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.errors import DomainError
from tenant_apps.backoffice.errors import NothingHere
from tenant_apps.backoffice.forms.services import ServiceForm
from tenant_apps.backoffice.rules import moved
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import act, blame, form_page, id_in, page, provider_at, refusal, wants_publishing
from tenant_apps.catalog.selectors import category_choices, missing_to_publish, service_for_staff, services_for_staff
from tenant_apps.catalog.services import create_service, hide_service, publish_service, reorder_services, update_service
from tenant_apps.catalog.types import SERVICE_PREFIX, ServiceDetails
from tenant_apps.providers.types import ProviderProfile
from tenants.scope import current_tenant
from webui.htmx import add_toast, redirect_to


@page()
def listing(request: HttpRequest, desk: Desk, provider_id: str) -> HttpResponse:
    """All services of a provider, in every state."""
    profile = provider_at(desk, provider_id)
    services = services_for_staff(actor=desk.actor, provider_pk=profile.pk)
    context = {"desk": desk, "profile": profile, "services": services, "section": "services"}
    return render(request, "backoffice/services.html", context)


@form_page()
def create(request: HttpRequest, desk: Desk, provider_id: str) -> HttpResponse:
    """A new service: a draft, or for sale at once."""
    profile = provider_at(desk, provider_id)
    form = _form(request)
    if request.method != "POST":
        return _page(request, desk, profile, form)
    if not form.is_valid():
        return _page(request, desk, profile, form, status=422)
    made: list[ServiceDetails] = []
    refused = refusal(form, lambda: made.append(create_service(actor=desk.actor, provider_id=profile.id, draft=form.draft())))
    if refused is not None:
        return _page(request, desk, profile, form, status=refused)
    if wants_publishing(request):
        return _publish_saved(request, desk, profile, form, made[0])
    add_toast(request, _("The service is saved as a draft. Publish it when it is ready."))
    return _back(request, profile)


@form_page()
def edit(request: HttpRequest, desk: Desk, provider_id: str, service_id: str) -> HttpResponse:
    """Change a service; bookings made keep what they agreed on."""
    profile = provider_at(desk, provider_id)
    service = _service(desk, profile, service_id)
    form = _form(request, service)
    if request.method != "POST":
        return _page(request, desk, profile, form, service)
    if not form.is_valid():
        return _page(request, desk, profile, form, service, status=422)
    saved: list[ServiceDetails] = []
    refused = refusal(form, lambda: saved.append(update_service(actor=desk.actor, service_id=service.id, draft=form.draft())))
    if refused is not None:
        return _page(request, desk, profile, form, service, status=refused)
    if wants_publishing(request):
        return _publish_saved(request, desk, profile, form, saved[0])
    add_toast(request, _("The service is saved."))
    return _back(request, profile)


@act()
def publish(request: HttpRequest, desk: Desk, provider_id: str, service_id: str) -> HttpResponse:
    """Put it up for sale as it is saved, from the list or to undo hiding; what is missing is said beside its field."""
    profile = provider_at(desk, provider_id)
    service = _service(desk, profile, service_id)
    form = _unsent_form(service)
    try:
        publish_service(actor=desk.actor, service_id=service.id)
    except DomainError as error:
        if error.field not in form.fields:
            raise
        blame(form, error)
        return _page(request, desk, profile, form, service, status=error.http_status)
    return _published(request, profile, service.public_id, service.title)


@act()
def hide(request: HttpRequest, desk: Desk, provider_id: str, service_id: str) -> HttpResponse:
    """Take it off sale; bookings made stand."""
    profile = provider_at(desk, provider_id)
    service = _service(desk, profile, service_id)
    hide_service(actor=desk.actor, service_id=service.id)
    undo_url = reverse("backoffice:service_publish", args=[profile.public_id, service.public_id])
    add_toast(request, _("“%(title)s” is hidden.") % {"title": service.title}, undo_url=undo_url)
    return _back(request, profile)


@act()
def move(request: HttpRequest, desk: Desk, provider_id: str, service_id: str, direction: str) -> HttpResponse:
    """One place up or down."""
    profile = provider_at(desk, provider_id)
    service = _service(desk, profile, service_id)
    order = [each.id for each in services_for_staff(actor=desk.actor, provider_pk=profile.pk)]
    reorder_services(actor=desk.actor, provider_id=profile.id, service_ids=moved(order, service.id, direction))
    return _back(request, profile)


def _publish_saved(
    request: HttpRequest, desk: Desk, profile: ProviderProfile, form: ServiceForm, service: ServiceDetails
) -> HttpResponse:
    """Put up for sale what has just been saved; refused (the plan is full), it stays saved, and the page says so."""
    refused = refusal(form, lambda: publish_service(actor=desk.actor, service_id=service.id))
    if refused is not None:
        add_toast(request, _("The service is saved, but not published."), kind="warn")
        return _page(request, desk, profile, form, service, status=refused)
    return _published(request, profile, service.public_id, form.cleaned_data["title"])


def _published(request: HttpRequest, profile: ProviderProfile, service_id: str, title: str) -> HttpResponse:
    undo_url = reverse("backoffice:service_hide", args=[profile.public_id, service_id])
    add_toast(request, _("“%(title)s” is for sale.") % {"title": title}, undo_url=undo_url)
    return _back(request, profile)


def _service(desk: Desk, profile: ProviderProfile, service_id: str) -> ServiceDetails:
    service = service_for_staff(id_in(SERVICE_PREFIX, service_id), actor=desk.actor)
    if service.provider.pk != profile.pk:
        raise NothingHere(_("There is nothing at this address."))
    return service


def _form(request: HttpRequest, service: ServiceDetails | None = None) -> ServiceForm:
    if request.method != "POST":
        return _unsent_form(service)
    is_shown = wants_publishing(request) or (service is not None and service.is_live)
    return ServiceForm(
        request.POST,
        currency=current_tenant().currency,
        categories=category_choices(),
        service=service,
        is_shown=is_shown,
    )


def _unsent_form(service: ServiceDetails | None) -> ServiceForm:
    return ServiceForm(currency=current_tenant().currency, categories=category_choices(), service=service)


def _page(
    request: HttpRequest,
    desk: Desk,
    profile: ProviderProfile,
    form: ServiceForm,
    service: ServiceDetails | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    name = missing_to_publish(service) if service else None
    context = {"desk": desk, "profile": profile, "form": form, "service": service, "section": "services"}
    context |= {"missing": form[name] if name else None, "can_publish": service is None or not service.is_live}
    return render(request, "backoffice/service.html", context, status=status)


def _back(request: HttpRequest, profile: ProviderProfile) -> HttpResponse:
    return redirect_to(request, reverse("backoffice:services", args=[profile.public_id]))
