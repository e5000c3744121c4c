"""Plans and add-ons side by side, one with its history, and making, describing, offering and retiring them."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.errors import DomainError
from shared_apps.console.asking import Question, ask
from shared_apps.console.catalogue import moves, plan_row, plan_rows, price_lines, version_rows
from shared_apps.console.forms import DescribeForm, NewPlanForm
from shared_apps.console.frame import actor_of, render_console
from shared_apps.console.selectors import tenants_on_plan
from shared_apps.operators.permissions import operator_required
from shared_apps.plans.selectors import lines_at_stripe
from shared_apps.plans.services import create_plan, describe_plan, is_sold_by_stripe, offer_plan, order_sync, retire_plan
from shared_apps.plans.types import PlanKind
from webui.forms import add_domain_error
from webui.htmx import add_toast, redirect_to

_UNPROCESSABLE = 422


@operator_required("plans.view")
@require_safe
def plans(request: HttpRequest) -> HttpResponseBase:
    """Every plan side by side, and the add-ons."""
    actor = actor_of(request)
    rows = plan_rows(actor)
    context = {"rows": rows, "prices": price_lines(rows), "add_ons": plan_rows(actor, PlanKind.ADD_ON)}
    context["has_stripe"] = is_sold_by_stripe()
    return render_console(request, "console/plans.html", context, place="plans")


@operator_required("plans.view")
@require_safe
def plan(request: HttpRequest, code: str) -> HttpResponseBase:
    """One plan: what it gives, who is on which version of it, and what it said before."""
    actor = actor_of(request)
    row = plan_row(actor, code)
    context = {
        "row": row,
        "prices": price_lines([row]),
        "versions": version_rows(row),
        "moves": moves(row),
        "at_stripe": lines_at_stripe(row.plan) if is_sold_by_stripe() else [],
        "tenants": tenants_on_plan(actor, row.plan),
    }
    return render_console(request, "console/plan.html", context, place="plans")


@operator_required("plans.edit")
@require_POST
def sync(request: HttpRequest) -> HttpResponseBase:
    """Have Stripe's products and prices compared with ours, and put right."""
    order_sync(actor=actor_of(request))
    add_toast(request, _("A worker is at it. Each plan's page says what was found."))
    return redirect_to(request, reverse("console_plans"))


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponseBase:
    """A new plan or add-on, of which nobody sees anything yet; on to its draft."""
    form, status = NewPlanForm(request.POST or None), 200
    if request.method == "POST":
        status = _UNPROCESSABLE
        if form.is_valid():
            given = form.cleaned_data | {"kind": PlanKind(form.cleaned_data["kind"])}
            try:
                made = create_plan(actor=actor_of(request), **given)
            except DomainError as error:
                add_domain_error(form, error)
                status = error.http_status
            else:
                return redirect_to(request, reverse("console_plan_draft", args=[made.code]))
    return render_console(request, "console/plan_new.html", {"form": form}, place="plans", status=status)


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def describe(request: HttpRequest, code: str) -> HttpResponseBase:
    """Its name, the line about it, and its place."""
    row = plan_row(actor_of(request), code)
    about = {"name": row.plan.name, "tagline": row.plan.tagline, "position": row.plan.position}
    form, status = DescribeForm(request.POST or None, initial=about), 200
    if request.method == "POST":
        if form.is_valid():
            describe_plan(actor=actor_of(request), plan_code=code, **form.cleaned_data)
            add_toast(request, _("Saved."))
            return redirect_to(request, reverse("console_plan", args=[code]))
        status = _UNPROCESSABLE
    return render_console(request, "console/plan_describe.html", {"form": form, "row": row}, place="plans", status=status)


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, code: str) -> HttpResponseBase:
    """Ask, then let everybody choose it."""
    row = plan_row(actor_of(request), code)
    question = Question(
        title=_("Offer %(name)s") % {"name": row.plan.name},
        text=_("It stands on the front page, and everybody can choose it, from now on."),
        label=_("Offer it"),
        done=_("It is on offer."),
        back_url=reverse("console_plan", args=[code]),
        place="plans",
    )
    return ask(request, question, lambda: offer_plan(actor=actor_of(request), plan_code=code))


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def retire(request: HttpRequest, code: str) -> HttpResponseBase:
    """Ask, then take it off the front page."""
    row = plan_row(actor_of(request), code)
    question = Question(
        title=_("Retire %(name)s") % {"name": row.plan.name},
        text=_("Nobody can choose it any more. Who has it keeps it, at the same price."),
        label=_("Retire it"),
        done=_("It is not on offer any more."),
        back_url=reverse("console_plan", args=[code]),
        place="plans",
    )
    return ask(request, question, lambda: retire_plan(actor=actor_of(request), plan_code=code))
