"""The marketplace's name, words and colour."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kernel.actor import Actor
from kernel.errors import DomainError
from tenant_apps.backoffice.forms.marketplace import IdentityForm
from tenant_apps.backoffice.permissions import EDIT_SETTINGS
from tenant_apps.backoffice.services import theme_with_brand, update_identity
from tenant_apps.backoffice.views.access import staff_page
from tenants.scope import current_tenant
from themes.publishing import theme_of
from webui.forms import add_domain_error
from webui.htmx import add_toast, redirect_to, render_page


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def settings(request: HttpRequest, actor: Actor) -> HttpResponse:
    """See and change them."""
    actor.require(EDIT_SETTINGS)
    form = IdentityForm(request.POST or None, initial=_present())
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, status=422 if request.method == "POST" else 200)
    try:
        update_identity(actor=actor, **form.cleaned_data)
    except DomainError as error:
        add_domain_error(form, error)
        return _page(request, form, status=error.http_status)
    add_toast(request, _("Saved. Every page wears it now."))
    return redirect_to(request, reverse("backoffice_settings"))


@require_safe
@staff_page
def colour(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What a colour would do: the sentence about it, and a sample. For htmx, while somebody chooses."""
    actor.require(EDIT_SETTINGS)
    theme = theme_with_brand(request.GET.get("brand", "").strip().lower())
    context = {"theme": theme, "form": IdentityForm(initial=_present())}
    return render_page(request, "backoffice/settings.html", context, partial="colour")


def _present() -> dict[str, object]:
    tenant = current_tenant()
    words = {name: tenant.content.get(name, "") for name in ("headline", "tagline", "action")}
    return {"name": tenant.name, "brand": theme_of(tenant).tokens.brand, **words}


def _page(request: HttpRequest, form: IdentityForm, *, status: int) -> HttpResponse:
    context = {"form": form, "theme": theme_of(current_tenant())}
    return render_page(request, "backoffice/settings.html", context, status=status)
