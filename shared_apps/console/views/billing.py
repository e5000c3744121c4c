"""What an organization is billed by hand, and who is: an invoice that is written, shown and then sent; the billing details."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kernel.actor import Actor
from kernel.errors import DomainError
from kernel.money import Money
from shared_apps.billing.errors import NotConfirmedYet
from shared_apps.billing.models import BillingAccount
from shared_apps.billing.selectors import account_of
from shared_apps.billing.services import (
    InvoicePreview,
    change_details,
    details_of,
    is_taxed_by_stripe,
    percent_text,
    preview_invoice,
    write_invoice_by_hand,
)
from shared_apps.console.errors import TenantNotFound
from shared_apps.console.forms.billing import DetailsForm
from shared_apps.console.forms.invoices import InvoiceForm, MeantForm
from shared_apps.console.frame import actor_of, render_console, tenant_uuid
from shared_apps.console.selectors import get_tenant
from shared_apps.console.types import TenantRow
from shared_apps.operators.permissions import operator_required
from webui.forms import add_domain_error
from webui.htmx import add_toast, redirect_to

_UNPROCESSABLE = 422


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def write_invoice(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Lines and terms, then what they come to, then, with the address typed, the invoice."""
    row, account = _billed(request, tenant_id)
    then = request.POST.get("then", "")
    form = InvoiceForm(request.POST or None, currency=account.currency, with_tax=not is_taxed_by_stripe())
    if request.method != "POST":
        return _lines(request, row, account, form)
    if then in ("more", "change"):
        return _lines(request, row, account, form.with_more_rows() if then == "more" else form.with_more_rows(0))
    if not form.is_valid():
        return _lines(request, row, account, form, status=_UNPROCESSABLE)
    try:
        preview = preview_invoice(actor=actor_of(request), tenant_id=row.tenant.pk, wish=form.wish())
    except DomainError as error:
        add_domain_error(form, error)
        return _lines(request, row, account, form, status=error.http_status)
    return _confirmed(request, row, form, preview) if then == "send" else _shown(request, row, form, preview)


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest, tenant_id: str) -> HttpResponseBase:
    """Name, contacts, address and tax numbers; Stripe's customer follows."""
    row, account = _billed(request, tenant_id)
    status, back_url = 200, reverse("console_tenant", args=[row.id_text])
    form = DetailsForm(request.POST) if request.method == "POST" else DetailsForm.showing(details_of(account))
    if request.method == "POST":
        status = _UNPROCESSABLE
        if form.is_valid():
            try:
                change_details(
                    actor=actor_of(request),
                    tenant_id=row.tenant.pk,
                    details=form.details(),
                    reason=form.cleaned_data["reason"],
                )
            except NotConfirmedYet as waiting:
                add_toast(request, waiting.message, kind="warn")
                return redirect_to(request, back_url)
            except DomainError as error:
                add_domain_error(form, error)
                status = error.http_status
            else:
                add_toast(request, _("Saved."))
                return redirect_to(request, back_url)
    context = {"row": row, "form": form, "back_url": back_url}
    return render_console(request, "console/billing_details.html", context, place="tenants", status=status)


def _confirmed(request: HttpRequest, row: TenantRow, form: InvoiceForm, preview: InvoicePreview) -> HttpResponseBase:
    meant = MeantForm(request.POST, name=row.tenant.slug)
    shown = _shown_total(request, preview)
    if not meant.is_valid():
        return _shown(request, row, form, preview, meant, status=_UNPROCESSABLE)
    try:
        stripe_id = write_invoice_by_hand(
            actor=actor_of(request),
            tenant_id=row.tenant.pk,
            wish=form.wish(),
            shown=shown,
            form_id=form.cleaned_data["form_id"],
            reason=meant.cleaned_data["reason"],
        )
    except NotConfirmedYet as waiting:
        add_toast(request, waiting.message, kind="warn")
        return redirect_to(request, reverse("console_invoices"))
    except DomainError as error:
        add_domain_error(meant, error)
        return _shown(request, row, form, preview, meant, status=error.http_status)
    add_toast(request, _("The invoice is written, and Stripe sends it."))
    return redirect_to(request, reverse("console_invoice", args=[stripe_id]))


def _shown_total(request: HttpRequest, preview: InvoicePreview) -> Money:
    """What stood on the page that was confirmed; anything else than a number is nothing."""
    text = request.POST.get("shown", "")
    return Money(int(text) if text.isascii() and text.isdecimal() else 0, preview.totals.total.currency)


def _lines(
    request: HttpRequest, row: TenantRow, account: BillingAccount, form: InvoiceForm, *, status: int = 200
) -> HttpResponseBase:
    context = {"row": row, "payer": account, "form": form}
    return render_console(request, "console/invoice_write.html", context, place="tenants", status=status)


def _shown(
    request: HttpRequest,
    row: TenantRow,
    form: InvoiceForm,
    preview: InvoicePreview,
    meant: MeantForm | None = None,
    *,
    status: int = 200,
) -> HttpResponseBase:
    context = {
        "row": row,
        "form": form,
        "wish": form.wish(),
        "preview": preview,
        "taxes": [(percent_text(rate), tax) for rate, tax in preview.totals.taxes],
        "meant": meant or MeantForm(name=row.tenant.slug),
    }
    return render_console(request, "console/invoice_preview.html", context, place="tenants", status=status)


def _billed(request: HttpRequest, tenant_id: str) -> tuple[TenantRow, BillingAccount]:
    actor: Actor = actor_of(request)
    row = get_tenant(actor, tenant_uuid(tenant_id))
    account = account_of(actor, row.tenant.pk)
    if account is None:
        raise TenantNotFound(_("Nobody is billed for this organization."))
    return row, account
