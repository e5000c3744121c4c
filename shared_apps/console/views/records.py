"""The audit trail."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from shared_apps.audit.selectors import entries_for
from shared_apps.console.frame import actor_of, render_console
from shared_apps.operators.permissions import operator_required


@operator_required("audit.view")
@require_safe
def audit(request: HttpRequest) -> HttpResponseBase:
    """Who did what, newest first."""
    before = request.GET.get("before", "")
    page = entries_for(actor_of(request), before=int(before) if before.isascii() and before.isdigit() else None)
    return render_console(request, "console/audit.html", {"page": page}, place="audit")
