"""The list of organizations, and taking one out of service or back. Its own page shows runs, so it lies in `provisioning`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from shared_apps.console.asking import Question, ask_for_name
from shared_apps.console.forms import SuspendForm
from shared_apps.console.frame import actor_of, cursor_of, render_console, tenant_uuid
from shared_apps.console.selectors import get_tenant, tenant_page
from shared_apps.console.services import resume_organization, suspend_organization
from shared_apps.operators.permissions import operator_required
from tenants.types import SuspendedBy, TenantStatus
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
    row = get_tenant(actor_of(request), tenant_uuid(tenant_id))
    question = Question(
        title=_("Suspend %(name)s") % {"name": row.tenant.name},
        text=_("Its pages answer that it is suspended, from the next second on. Nothing is lost. Its owners get a letter."),
        label=_("Suspend"),
        done=_("Suspended."),
        back_url=reverse("console_tenant", args=[row.id_text]),
        place="tenants",
        is_dangerous=True,
    )
    act = partial(suspend_organization, actor=actor_of(request), tenant_id=row.tenant.pk)
    return ask_for_name(request, question, act, slug=row.tenant.slug, form_class=SuspendForm)


@operator_required("tenants.suspend")
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Ask for the name, then put the organization back into service."""
    row = get_tenant(actor_of(request), tenant_uuid(tenant_id))
    question = Question(
        title=_("Resume %(name)s") % {"name": row.tenant.name},
        text=_resuming(row.held_by),
        label=_("Resume"),
        done=_("In service again."),
        back_url=reverse("console_tenant", args=[row.id_text]),
        place="tenants",
    )
    act = partial(resume_organization, actor=actor_of(request), tenant_id=row.tenant.pk)
    return ask_for_name(request, question, act, slug=row.tenant.slug)


def _resuming(held_by: Sequence[SuspendedBy]) -> str:
    """What taking back the first of these words does."""
    if SuspendedBy.BILLING not in held_by:
        return _("Its pages are served again from the next second on. Its owners get a letter.")
    if SuspendedBy.OPERATOR in held_by:
        return _("It stays suspended until it is paid for, but what is booked can be seen and called off again.")
    return _("It is not paid for. Its pages are served again all the same, and it owes what it owed. Its owners get a letter.")
