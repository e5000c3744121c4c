"""How the organization presents itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tenant_apps.backoffice.forms.marketplace import PlaceForm, SettingsForm
from tenant_apps.backoffice.services import current_theme, is_kit_drawn, save_branding, save_place
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import act, form_page, refusal
from tenant_apps.catalog.selectors import has_services
from tenants.scope import current_tenant
from webui.htmx import add_toast, redirect_to


@form_page("settings.edit")
def edit(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Name, words, brand colour; and a second form for the place."""
    if request.method != "POST":
        return _page(request, desk)
    form = SettingsForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, form=form, status=422)
    refused = refusal(form, lambda: save_branding(actor=desk.actor, **form.cleaned_data))
    if refused is not None:
        return _page(request, desk, form=form, status=refused)
    add_toast(request, _("Saved. Visitors see it from now on; icons and pictures follow in a moment."))
    return redirect_to(request, reverse("backoffice:settings"))


@act("settings.edit")
def place(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Time zone, and the currency while nothing has a price."""
    form = _place_form(request.POST)
    if not form.is_valid():
        return _page(request, desk, place_form=form, status=422)
    refused = refusal(form, lambda: save_place(actor=desk.actor, **form.cleaned_data))
    if refused is not None:
        return _page(request, desk, place_form=form, status=refused)
    add_toast(request, _("Saved. Bookings made keep their moment."))
    return redirect_to(request, reverse("backoffice:settings"))


def _place_form(posted: QueryDict | None = None) -> PlaceForm:
    tenant = current_tenant()
    initial = {"time_zone": tenant.time_zone, "currency": tenant.currency}
    return PlaceForm(posted, initial=initial, is_currency_fixed=has_services())


def _initial() -> dict[str, object]:
    tenant = current_tenant()
    return {
        "name": tenant.name,
        "headline": tenant.content.get("headline", ""),
        "tagline": tenant.content.get("tagline", ""),
        "contact_email": tenant.content.get("contact_email", ""),
        "brand": current_theme().tokens.brand,
    }


def _page(
    request: HttpRequest,
    desk: Desk,
    *,
    form: SettingsForm | None = None,
    place_form: PlaceForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "desk": desk,
        "form": form or SettingsForm(initial=_initial()),
        "place_form": place_form or _place_form(),
        "theme": current_theme(),
        "is_kit_drawn": is_kit_drawn(),
    }
    return render(request, "backoffice/settings.html", context, status=status)
