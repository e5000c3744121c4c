"""Going, with the reason; and the ways back: from a cancellation, and from a change that waits."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.errors import Invalid
from shared_apps.billing.selectors import MANAGE
from shared_apps.billing.services import cancel, withdraw_cancellation, withdraw_change
from tenant_apps.backoffice.forms.plan import CancelForm, RevisionForm
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import act, form_page, refusal
from tenant_apps.backoffice.views.plan_change import standing_here
from tenants.scope import current_tenant
from webui.acting import act_and_tell
from webui.forms import Card
from webui.htmx import add_toast, redirect_to

_REASONS = (
    ("too expensive", Card(gettext_lazy("It costs too much"))),
    ("something is missing", Card(gettext_lazy("Something is missing"))),
    ("too complicated", Card(gettext_lazy("It is too complicated"))),
    ("another product", Card(gettext_lazy("We use something else"))),
    ("business ends", Card(gettext_lazy("The business ends"))),
    ("another reason", Card(gettext_lazy("Another reason"))),
)


@form_page(MANAGE)
def leave(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Until when everything works, what happens then, and why: asked, and not required."""
    standing = standing_here(desk)
    back = reverse("backoffice:plan")
    if not standing.can_cancel:
        return redirect_to(request, back)
    revision, status = standing.subscription.revision, 200
    form = CancelForm(request.POST if request.method == "POST" else None, reasons=_REASONS, initial={"revision": revision})
    if form.is_bound:
        status = Invalid.http_status
        if form.is_valid():
            refused = refusal(form, lambda: _cancel(desk, form))
            if refused is None:
                add_toast(request, _("Cancelled. Until it ends you can take that back at any time."))
                return redirect_to(request, back)
            status = refused
    context = {"desk": desk, "section": "plan", "standing": standing, "form": form, "back": back}
    return render(request, "backoffice/plan_cancel.html", context, status=status)


@act(MANAGE)
def come_back(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take the cancellation back."""
    return _undo(request, desk, withdraw_cancellation, gettext_lazy("Welcome back: it goes on as before."))


@act(MANAGE)
def stay(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Take a change back that waits for the end of what is paid for."""
    return _undo(request, desk, withdraw_change, gettext_lazy("Taken back: everything stays as it is."))


def _cancel(desk: Desk, form: CancelForm) -> None:
    revision = form.cleaned_data["revision"]
    cancel(actor=desk.actor, tenant_id=current_tenant().id, revision=revision, reason=form.sentence)


def _undo(request: HttpRequest, desk: Desk, undo: Callable[..., object], done: str | Promise) -> HttpResponse:
    form = RevisionForm(request.POST)
    revision = form.cleaned_data["revision"] if form.is_valid() else 0
    tenant_id = current_tenant().id
    act_and_tell(request, lambda: undo(actor=desk.actor, tenant_id=tenant_id, revision=revision), done=done)
    return redirect_to(request, reverse("backoffice:plan"))
