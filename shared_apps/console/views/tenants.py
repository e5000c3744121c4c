"""The list of organizations, and taking one out of service or back. Its own page shows runs, so it lies in `provisioning`."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kernel.errors import DomainError
from shared_apps.console.forms import ConfirmForm
from shared_apps.console.frame import actor_of, cursor_of, render_console, tenant_uuid
from shared_apps.console.selectors import get_tenant, tenant_page
from shared_apps.console.services import resume_organization, suspend_organization
from shared_apps.operators.permissions import operator_required
from tenants.types import TenantStatus
from webui.forms import add_domain_error
from webui.htmx import add_toast, redirect_to
from webui.searching import search_in


@operator_required("tenants.view")
@require_safe
def tenants(request: HttpRequest) -> HttpResponseBase:
    """Organizations by their address, searched and filtered."""
    search, state = search_in(request), request.GET.get("state", "")
    context = {
        "page": tenant_page(actor_of(request), search=search, state=state, cursor=cursor_of(request)),
        "q": search,
        "state": state,
        "states": TenantStatus,
    }
    return render_console(request, "console/tenants.html", context, place="tenants", partial="rows")


@operator_required("tenants.suspend")
@require_http_methods(["GET", "HEAD", "POST"])
def suspend(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Ask for the name, then take the organization out of service."""
    words = (
        _("Suspend"),
        _("Its pages answer that it is suspended, from the next second on. Nothing is lost."),
        _("Suspended."),
    )
    return _change(request, tenant_uuid(tenant_id), suspend_organization, words, is_dangerous=True)


@operator_required("tenants.suspend")
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Ask for the name, then put the organization back into service."""
    words = (_("Resume"), _("Its pages are served again from the next second on."), _("In service again."))
    return _change(request, tenant_uuid(tenant_id), resume_organization, words, is_dangerous=False)


def _change(
    request: HttpRequest,
    tenant_id: UUID,
    service: Callable[..., None],
    words: tuple[str | Promise, str | Promise, str | Promise],
    *,
    is_dangerous: bool,
) -> HttpResponse:
    label, text, done = words
    row = get_tenant(actor_of(request), tenant_id)
    detail_url = reverse("console_tenant", args=[row.id_text])
    form = ConfirmForm(request.POST or None)
    status = 200 if request.method != "POST" else 422
    if request.method == "POST" and form.is_valid():
        try:
            service(actor=actor_of(request), tenant_id=tenant_id, **form.cleaned_data)
        except DomainError as error:
            add_domain_error(form, error)
            status = error.http_status
        else:
            add_toast(request, done)
            return redirect_to(request, detail_url)
    context = {
        "form": form, "title": f"{label} {row.tenant.name}", "text": text, "label": label, "slug": row.tenant.slug,
        "back_url": detail_url, "is_dangerous": is_dangerous,
    }  # fmt: skip
    return render_console(request, "console/confirm.html", context, place="tenants", status=status)
