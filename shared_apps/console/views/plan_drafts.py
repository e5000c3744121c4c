"""Working on the next version of a plan: the draft, what would have been with it, and publishing it."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel import clock
from kernel.errors import DomainError
from shared_apps.console.asking import Question, ask
from shared_apps.console.catalogue import draft_differences, plan_row
from shared_apps.console.errors import NothingDrafted
from shared_apps.console.files import csv_answer
from shared_apps.console.forms import DraftForm, PublishForm
from shared_apps.console.frame import actor_of, render_console
from shared_apps.console.replays import CSV_COLUMNS, chart_of, csv_rows
from shared_apps.console.types import PlanRow
from shared_apps.operators.permissions import operator_required
from shared_apps.plans.models import PlanVersion
from shared_apps.plans.selectors import contents_of, draft_of, what_if
from shared_apps.plans.services import begin_draft, discard_draft, publish_draft, save_draft
from shared_apps.plans.types import PlanKind
from webui.forms import add_domain_error
from webui.htmx import add_toast, redirect_to

SHOWN = 25
_UNPROCESSABLE = 422


@operator_required("plans.edit")
@require_POST
def begin(request: HttpRequest, code: str) -> HttpResponseBase:
    """Begin the draft, or go on with the one that is there."""
    begin_draft(actor=actor_of(request), plan_code=code)
    return redirect_to(request, reverse("console_plan_draft", args=[code]))


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, code: str) -> HttpResponseBase:
    """Everything that the next version says, in one form."""
    actor = actor_of(request)
    row, version = _drafted(request, code)
    contents, kind = contents_of(version), PlanKind(row.plan.kind)
    if request.method != "POST":
        form = DraftForm(kind=kind, contents=contents, initial={"revision": version.revision})
        return _draft_page(request, row, version, form)
    form = DraftForm(request.POST, kind=kind, contents=contents)
    if not form.is_valid():
        return _draft_page(request, row, version, form, status=_UNPROCESSABLE)
    try:
        save_draft(actor=actor, plan_code=code, contents=form.contents(), revision=form.cleaned_data["revision"])
    except DomainError as error:
        add_domain_error(form, error)
        return _draft_page(request, row, version, form, status=error.http_status)
    add_toast(request, _("Saved."))
    onward = {"what_if": "console_plan_what_if", "publish": "console_plan_publish"}
    return redirect_to(request, reverse(onward.get(request.POST.get("then", ""), "console_plan_draft"), args=[code]))


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, code: str) -> HttpResponseBase:
    """Ask, then forget the draft."""
    row = plan_row(actor_of(request), code)
    question = Question(
        title=_("Discard the draft of %(name)s") % {"name": row.plan.name},
        text=_("What was changed in it is gone. Nobody is on it."),
        label=_("Discard it"),
        done=_("Discarded."),
        back_url=reverse("console_plan", args=[code]),
        place="plans",
        is_dangerous=True,
    )
    return ask(request, question, lambda: discard_draft(actor=actor_of(request), plan_code=code))


@operator_required("plans.view")
@require_safe
def what_if_page(request: HttpRequest, code: str) -> HttpResponseBase:
    """The last quarter of everybody on the plan, replayed under the draft."""
    row, version = _drafted(request, code)
    found = what_if(actor_of(request), row.plan, contents_of(version), today=clock.now().date())
    context = {
        "row": row,
        "version": version,
        "found": found,
        "shown": found.replays[:SHOWN],
        "left_out": max(0, len(found.replays) - SHOWN),
        "chart": chart_of(found),
        "differences": draft_differences(row, contents_of(version)),
    }
    return render_console(request, "console/plan_what_if.html", context, place="plans")


@operator_required("plans.view")
@require_safe
def what_if_file(request: HttpRequest, code: str) -> HttpResponseBase:
    """The same of everybody, month by month, as a file for a spreadsheet."""
    row, version = _drafted(request, code)
    found = what_if(actor_of(request), row.plan, contents_of(version), today=clock.now().date())
    return csv_answer(f"what-if-{row.plan.code}-{version.number}.csv", CSV_COLUMNS, csv_rows(found))


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, code: str) -> HttpResponseBase:
    """What the draft changes and whom it would reach; then, confirmed, it is the version for newcomers."""
    actor = actor_of(request)
    row, version = _drafted(request, code)
    form, status = PublishForm(request.POST or None, initial={"revision": version.revision}), 200
    if request.method == "POST":
        status = _UNPROCESSABLE
        if form.is_valid():
            try:
                publish_draft(actor=actor, plan_code=code, **form.cleaned_data)
            except DomainError as error:
                add_domain_error(form, error)
                status = error.http_status
            else:
                add_toast(request, _("Published. New organizations get it from now on; the others stay where they are."))
                return redirect_to(request, reverse("console_plan", args=[code]))
    contents = contents_of(version)
    found = what_if(actor, row.plan, contents, today=clock.now().date())
    context = {
        "row": row,
        "version": version,
        "form": form,
        "differences": draft_differences(row, contents),
        "found": found,
        "exceeding": found.exceeding[:SHOWN],
    }
    return render_console(request, "console/plan_publish.html", context, place="plans", status=status)


def _drafted(request: HttpRequest, code: str) -> tuple[PlanRow, PlanVersion]:
    row = plan_row(actor_of(request), code)
    version = draft_of(row.plan)
    if version is None:
        raise NothingDrafted(_("There is no draft of this plan (any more): it was published, or discarded."))
    return row, version


def _draft_page(
    request: HttpRequest, row: PlanRow, version: PlanVersion, form: DraftForm, *, status: int = 200
) -> HttpResponseBase:
    context = {"row": row, "version": version, "form": form}
    return render_console(request, "console/plan_draft.html", context, place="plans", status=status)
