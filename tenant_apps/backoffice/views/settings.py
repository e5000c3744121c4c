"""How the organization presents itself, and where it is at home: one form, so that saving one thing throws no other away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from shared_apps.closing.services import CLOSE_OWN
from tenant_apps.backoffice.forms.marketplace import SettingsForm
from tenant_apps.backoffice.services import current_theme, is_kit_drawn, save_settings
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import form_page, refusal
from tenant_apps.catalog.selectors import has_services
from tenants.scope import current_tenant
from webui.htmx import add_toast, redirect_to


@form_page("settings.edit")
def edit(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Name, words and brand colour; clock, region and currency."""
    form = _form(request)
    if request.method != "POST":
        return _page(request, desk, form)
    if not form.is_valid():
        return _page(request, desk, form, status=422)
    refused = refusal(form, lambda: save_settings(actor=desk.actor, **form.changes))
    if refused is not None:
        return _page(request, desk, form, status=refused)
    add_toast(request, _("Saved. Visitors see it from now on; icons and pictures follow in a moment."))
    return redirect_to(request, reverse("backoffice:settings"))


def _form(request: HttpRequest) -> SettingsForm:
    tenant = current_tenant()
    initial = {
        "name": tenant.name,
        "headline": tenant.content.get("headline", ""),
        "tagline": tenant.content.get("tagline", ""),
        "contact_email": tenant.content.get("contact_email", ""),
        "brand": current_theme().tokens.brand,
        "time_zone": tenant.time_zone,
        "locale": tenant.locale,
        "currency": tenant.currency,
    }
    sent = request.POST if request.method == "POST" else None
    return SettingsForm(sent, initial=initial, language=tenant.language, is_currency_fixed=has_services())


def _page(request: HttpRequest, desk: Desk, form: SettingsForm, *, status: int = 200) -> HttpResponse:
    context = {
        "desk": desk,
        "section": "general",
        "form": form,
        "theme": current_theme(),
        "is_kit_drawn": is_kit_drawn(),
        "can_close": desk.actor.can(CLOSE_OWN),
    }
    return render(request, "backoffice/settings.html", context, status=status)
