"""Privacy and isolation: the test of the walls around this marketplace, asked for, watched and read here."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel import clock
from shared_apps.isolation.models import IsolationReport
from shared_apps.isolation.selectors import report_for, reports_for
from shared_apps.isolation.services import order_report
from shared_apps.isolation.types import ASK, FAMILIES, REPORT_PREFIX, ReportState
from tenant_apps.backoffice.forms.isolation import IsolationForm
from tenant_apps.backoffice.selectors.isolation import lines_of
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import form_page, id_in, page, refusal
from tenants.scope import current_tenant
from webui.htmx import add_toast, redirect_to, render_page


@form_page(ASK)
def listing(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The reports there are, how far one is that is being made, and the button that asks for one."""
    if request.method != "POST":
        return _list_page(request, desk, IsolationForm())
    form = IsolationForm(request.POST)
    form.full_clean()
    refused = refusal(form, lambda: order_report(actor=desk.actor))
    if refused is not None:
        return _list_page(request, desk, form, status=refused)
    add_toast(request, _("The test begins. You may close this page: it goes on without you."))
    return redirect_to(request, reverse("backoffice:isolation"))


@page(ASK)
def report(request: HttpRequest, desk: Desk, report_id: str) -> HttpResponse:
    """What was tried, and what came of it; also on paper."""
    found = _report_at(desk, report_id)
    context = {"desk": desk, "report": found, "lines": lines_of(found), "seconds": found.took.total_seconds()}
    return render(request, "backoffice/isolation_report.html", context)


@page(ASK)
def report_file(request: HttpRequest, desk: Desk, report_id: str) -> HttpResponse:
    """The signed words, for whoever wants to verify them (docs/how-to/isolation-report.md)."""
    del request
    found = _report_at(desk, report_id)
    signature = {"algorithm": "ed25519", "key": found.key, "value": found.signature}
    # The signed words as they are, and not what reading and writing them again would make of them.
    text = f'{{"report":{found.document},"signature":{json.dumps(signature)}}}\n'
    name = f"{current_tenant().slug}-isolation-{found.created_at:%Y-%m-%d}.json"
    return HttpResponse(
        text, content_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _report_at(desk: Desk, report_id: str) -> IsolationReport:
    return report_for(actor=desk.actor, tenant_id=current_tenant().id, report_id=id_in(REPORT_PREFIX, report_id))


def _list_page(request: HttpRequest, desk: Desk, form: IsolationForm, *, status: int = 200) -> HttpResponse:
    now = clock.now()
    reports = reports_for(actor=desk.actor, tenant_id=current_tenant().id)
    under_way = next((report for report in reports if report.is_under_way(now)), None)
    context = {
        "desk": desk,
        "section": "isolation",
        "form": form,
        "under_way": under_way,
        "step": None if under_way is None else FAMILIES[min(under_way.parts_done, len(FAMILIES) - 1)],
        "parts": len(FAMILIES),
        "rows": [(report, report.state == ReportState.READY) for report in reports if report is not under_way],
    }
    return render_page(request, "backoffice/isolation.html", context, partial="live", status=status)
