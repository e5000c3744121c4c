"""The engine room: messages that were given up, and the audit trail."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.errors import DomainError
from kernel.outbox.selectors import get_outbox_status
from shared_apps.audit.selectors import entries_for
from shared_apps.console.frame import actor_of, cursor_of, render_console
from shared_apps.console.selectors import dead_messages, tenants_of
from shared_apps.console.services import replay_message
from shared_apps.operators.permissions import operator_required
from webui.htmx import add_toast, redirect_to


@operator_required("outbox.view")
@require_safe
def outbox(request: HttpRequest) -> HttpResponseBase:
    """What the outbox gave up, with the reason and *replay*."""
    page = dead_messages(actor_of(request), cursor=cursor_of(request))
    tenants = tenants_of(page.rows)
    context = {
        "page": page,
        "lines": [(message, tenants.get(message.tenant_id) if message.tenant_id else None) for message in page.rows],
        "status": get_outbox_status(),
    }
    return render_console(request, "console/outbox.html", context, place="outbox")


@operator_required("outbox.replay")
@require_POST
def replay(request: HttpRequest, message_id: UUID) -> HttpResponseBase:
    """Give one message another life."""
    try:
        replay_message(actor=actor_of(request), message_id=message_id)
    except DomainError as error:
        add_toast(request, error.message, kind="bad")
    else:
        add_toast(request, _("It is on its way again."))
    return redirect_to(request, reverse("console_outbox"))


@operator_required("audit.view")
@require_safe
def audit(request: HttpRequest) -> HttpResponseBase:
    """Who did what, newest first."""
    before = request.GET.get("before", "")
    page = entries_for(actor_of(request), before=int(before) if before.isascii() and before.isdigit() else None)
    return render_console(request, "console/audit.html", {"page": page}, place="audit")
