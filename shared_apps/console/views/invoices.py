"""Invoices of all organizations, one of them, and what is done with it: paid, void, credited; each by typing its number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kernel import clock
from kernel.errors import DomainError
from kernel.ids import format_public_id
from shared_apps.billing.errors import NotConfirmedYet
from shared_apps.billing.selectors import (
    InvoiceLine,
    credit_notes_of,
    every_invoice,
    get_invoice,
    invoice_page,
    invoicing_under_way,
    open_disputes,
    open_sums,
    reversals_of,
)
from shared_apps.billing.services import credit_invoice, creditable_of, mark_invoice_paid, void_invoice
from shared_apps.billing.types import InvoiceState
from shared_apps.console.forms.invoices import CreditForm, MeantForm, PaidForm, VoidForm
from shared_apps.console.frame import actor_of, cursor_of, render_console
from shared_apps.console.ledgers import invoice_file
from shared_apps.operators.permissions import operator_required
from tenants.types import TENANT_PREFIX
from webui.forms import add_domain_error
from webui.htmx import add_toast, redirect_to
from webui.searching import search_in

_UNPROCESSABLE = 422


@operator_required("tenants.view")
@require_safe
def invoices(request: HttpRequest) -> HttpResponseBase:
    """The newest first, by state and word, and what is open by currency."""
    actor, search, state = actor_of(request), search_in(request), request.GET.get("state", "")
    context = {
        "page": invoice_page(actor, shown=state, search=search, cursor=cursor_of(request)),
        "sums": open_sums(actor),
        "open_disputes": open_disputes(actor),
        "search": search,
        "state": state if state in InvoiceState.values else "",
        "states": InvoiceState,
    }
    return render_console(request, "console/invoices.html", context, place="invoices")


@operator_required("tenants.view")
@require_safe
def invoices_file(request: HttpRequest) -> HttpResponseBase:
    """What the list shows, all of it, for a spreadsheet."""
    found = every_invoice(actor_of(request), shown=request.GET.get("state", ""), search=search_in(request))
    name = f"invoices-{clock.now().date().isoformat()}.csv"
    answer = HttpResponse(invoice_file(found), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return answer


@operator_required("tenants.view")
@require_safe
def invoice(request: HttpRequest, invoice_id: str) -> HttpResponseBase:
    """One: what it came to, what was taken back of it, and what can be done with it."""
    actor = actor_of(request)
    line = get_invoice(actor, invoice_id)
    context = _facts(line) | {
        "notes": credit_notes_of(line.invoice),
        "reversals": reversals_of(line.invoice),
        "under_way": invoicing_under_way(actor, line.invoice.tenant_id),
        "left": creditable_of(line.invoice),
    }
    return render_console(request, "console/invoice.html", context, place="invoices")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    title: str
    text: str
    label: str
    done: str
    is_dangerous: bool = False


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def paid(request: HttpRequest, invoice_id: str) -> HttpResponseBase:
    """Ask by which transfer and when, then it is paid; who was suspended for it is back."""
    line = get_invoice(actor_of(request), invoice_id)
    words = _Act(
        title=_("Mark %(number)s as paid") % {"number": line.invoice.number},
        text=_("The money came by bank transfer. Nothing is charged, and who was suspended for it is back in service."),
        label=_("Mark as paid"),
        done=_("It is paid."),
    )
    form = PaidForm(request.POST or None, name=line.invoice.number, initial={"paid_on": clock.now().date()})
    return _act(request, line, words, form, lambda read: mark_invoice_paid(actor=actor_of(request), **read))


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def void(request: HttpRequest, invoice_id: str) -> HttpResponseBase:
    """Ask why, then it was never owed."""
    line = get_invoice(actor_of(request), invoice_id)
    words = _Act(
        title=_("Void %(number)s") % {"number": line.invoice.number},
        text=_("It was never owed. Its number stays, and nobody can bring it back: write another one."),
        label=_("Void it"),
        done=_("It is void."),
        is_dangerous=True,
    )
    form = VoidForm(request.POST or None, name=line.invoice.number)
    return _act(request, line, words, form, lambda read: void_invoice(actor=actor_of(request), **read))


@operator_required("plans.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def credit(request: HttpRequest, invoice_id: str) -> HttpResponseBase:
    """Ask how much, why and how it goes back, then a credit note is written."""
    actor = actor_of(request)
    line = get_invoice(actor, invoice_id)
    words = _Act(
        title=_("Credit %(number)s") % {"number": line.invoice.number},
        text=_("A credit note takes back the whole of it, or a part. Stripe writes it, with a number of its own."),
        label=_("Credit it"),
        done=_("The credit note is written."),
        is_dangerous=True,
    )
    left, is_paid = creditable_of(line.invoice), line.invoice.status == "paid"
    form = CreditForm(request.POST or None, name=line.invoice.number, left=left, is_paid=is_paid)

    def write(read: dict[str, Any]) -> object:  # Any: what the form has read
        return credit_invoice(actor=actor, **{**read, "give_back": form.way})

    return _act(request, line, words, form, write)


def _act(
    request: HttpRequest,
    line: InvoiceLine,
    words: _Act,
    form: MeantForm,
    act: Callable[[dict[str, Any]], object],  # Any: what the form has read
) -> HttpResponseBase:
    """The words on GET, the act on POST, and back to the invoice."""
    status, back_url = 200, reverse("console_invoice", args=[line.invoice.stripe_id])
    if request.method == "POST":
        status = _UNPROCESSABLE
        if form.is_valid():
            read = {name: value for name, value in form.cleaned_data.items() if name != "confirmed_name"}
            try:
                act(read | {"stripe_id": line.invoice.stripe_id})
            except NotConfirmedYet as waiting:
                add_toast(request, waiting.message, kind="warn")
                return redirect_to(request, back_url)
            except DomainError as error:
                add_domain_error(form, error)
                status = error.http_status
            else:
                add_toast(request, words.done)
                return redirect_to(request, back_url)
    context = _facts(line) | {"words": words, "form": form, "back_url": back_url}
    return render_console(request, "console/invoice_act.html", context, place="invoices", status=status)


def _facts(line: InvoiceLine) -> dict[str, Any]:  # Any: a template's context
    return {"line": line, "invoice": line.invoice, "tenant_id": format_public_id(TENANT_PREFIX, line.invoice.tenant_id)}
