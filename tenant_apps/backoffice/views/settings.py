"""How the organization presents itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tenant_apps.backoffice.forms.marketplace import SettingsForm
from tenant_apps.backoffice.services import current_theme, is_kit_drawn, save_branding
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import form_page, refusal
from tenants.scope import current_tenant
from webui.htmx import add_toast, redirect_to


@form_page("settings.edit")
def edit(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Name, words, brand colour; currency and time zone to look at."""
    if request.method != "POST":
        return _page(request, desk, SettingsForm(initial=_initial()))
    form = SettingsForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, form, status=422)
    refused = refusal(form, lambda: save_branding(actor=desk.actor, **form.cleaned_data))
    if refused is not None:
        return _page(request, desk, form, status=refused)
    add_toast(request, _("Saved. Visitors see it from now on; icons and pictures follow in a moment."))
    return redirect_to(request, reverse("backoffice:settings"))


def _initial() -> dict[str, object]:
    tenant = current_tenant()
    return {
        "name": tenant.name,
        "headline": tenant.content.get("headline", ""),
        "tagline": tenant.content.get("tagline", ""),
        "brand": current_theme().tokens.brand,
    }


def _page(request: HttpRequest, desk: Desk, form: SettingsForm, *, status: int = 200) -> HttpResponse:
    context = {"desk": desk, "form": form, "theme": current_theme(), "is_kit_drawn": is_kit_drawn()}
    return render(request, "backoffice/settings.html", context, status=status)
