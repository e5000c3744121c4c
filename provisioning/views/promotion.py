"""Settings, sandbox, changes: what was tried out is read, chosen from, confirmed by name, and can be put back for a week."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.errors import DomainError
from provisioning.forms.promotion import PromotionForm
from provisioning.sandboxes.ordering import MANAGE
from provisioning.sandboxes.promoting.ordering import compare_with_sandbox, order_promotion, undo_promotion
from provisioning.sandboxes.promoting.reading import Comparison
from provisioning.sandboxes.promoting.words import parts_in_words
from provisioning.sandboxes.selectors import promotion_run
from provisioning.services import RUN_PREFIX
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.confirming import confirm_by_name
from tenant_apps.backoffice.views.gate import form_page, id_in
from tenants.scope import current_tenant
from webui.formats import current_locale
from webui.forms import add_domain_error
from webui.htmx import add_toast, redirect_to


@form_page(MANAGE)
def changes(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What differs, part by part; the owner chooses and types the marketplace's name. What changed meanwhile is shown anew."""
    tenant = current_tenant()
    form = PromotionForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                order_promotion(
                    actor=desk.actor,
                    tenant_id=tenant.id,
                    parts=form.cleaned_data["parts"],
                    seen=form.cleaned_data["seen"],
                    confirmed_name=form.cleaned_data["confirm_name"],
                )
            except DomainError as error:
                add_domain_error(form, error)
                status = error.http_status
            else:
                add_toast(request, _("First a snapshot is taken, then your marketplace changes."))
                return redirect_to(request, reverse("sandbox:home"))
    return _page(request, desk, form, compare_with_sandbox(actor=desk.actor, tenant_id=tenant.id), status)


@form_page(MANAGE)
def undo(request: HttpRequest, desk: Desk, run_id: str) -> HttpResponse:
    """Ask for the marketplace's name, then put back what a promotion changed."""
    tenant = current_tenant()
    found = promotion_run(tenant_id=tenant.id, run_id=id_in(RUN_PREFIX, run_id)).public_id
    return confirm_by_name(
        request,
        desk,
        "provisioning/sandbox/undo.html",
        name=tenant.slug,
        destroy=lambda typed: undo_promotion(actor=desk.actor, tenant_id=tenant.id, run_id=found, confirmed_name=typed),
        done=_("It is being put back as it was."),
        back=reverse("sandbox:home"),
        section="sandbox",
    )


def _page(request: HttpRequest, desk: Desk, form: PromotionForm, shown: Comparison, status: int) -> HttpResponse:
    tenant = current_tenant()
    parts = parts_in_words(
        shown.changes, source=shown.source_state, sandbox=shown.sandbox_state, locale=current_locale(tenant.locale)
    )
    context = {
        "desk": desk,
        "section": "sandbox",
        "form": form,
        "parts": parts,
        "chosen": form["parts"].value() or [],
        "seal": shown.seal,
        "sandbox": shown.sandbox,
        "confirm_name": tenant.slug,
        "has_changes": bool(shown.changes),
    }
    return render(request, "provisioning/sandbox/changes.html", context, status=status)
