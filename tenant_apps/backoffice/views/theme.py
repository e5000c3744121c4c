"""The theme's page: which version is worn, and taking a later one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from tenant_apps.backoffice.selectors.theme import theme_card
from tenant_apps.backoffice.services.theme_version import update_theme
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import form_page
from tenants.scope import current_tenant
from webui.acting import act_and_tell
from webui.htmx import redirect_to


@form_page("settings.edit")
def theme(request: HttpRequest, desk: Desk) -> HttpResponse:
    """GET shows it, POST takes the version that was offered."""
    if request.method == "POST":
        wanted = request.POST.get("version", "")
        act_and_tell(
            request,
            lambda: update_theme(actor=desk.actor, digest=wanted),
            done=_("Updated. Visitors see it from now on; icons and pictures follow in a moment."),
        )
        return redirect_to(request, reverse("backoffice:theme"))
    context = {"desk": desk, "section": "theme", "card": theme_card(current_tenant())}
    return render(request, "backoffice/theme.html", context)
