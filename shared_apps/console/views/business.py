"""What the platform earns: what recurs, what becomes of customers, what was invoiced; each table as a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from kernel.actor import Actor
from shared_apps.console.earnings import Chosen, choose, customers, invoiced, recurring
from shared_apps.console.earnings_files import FILES
from shared_apps.console.files import csv_answer
from shared_apps.console.frame import actor_of, render_console
from shared_apps.operators.permissions import operator_required


@operator_required("business.view")
@require_safe
def business(request: HttpRequest) -> HttpResponseBase:
    """MRR and what moved it, month by month; plans; who pays most."""
    return _page(request, "console/business.html", recurring)


@operator_required("business.view")
@require_safe
def retention(request: HttpRequest) -> HttpResponseBase:
    """Trials and cohorts."""
    return _page(request, "console/business_customers.html", customers)


@operator_required("business.view")
@require_safe
def revenue(request: HttpRequest) -> HttpResponseBase:
    """Invoices by month, failed payments, who owes."""
    return _page(request, "console/business_invoices.html", invoiced)


@operator_required("business.view")
@require_safe
def table_file(request: HttpRequest, table: str) -> HttpResponseBase:
    """A table as a file for a spreadsheet, whole."""
    actor = actor_of(request)
    chosen, made = choose(actor, request.GET.get("currency", "")), FILES.get(table)
    if made is None:
        raise Http404
    rows = made.rows(actor, chosen) if chosen else ()
    name = f"{table}-{chosen.currency.lower()}.csv" if chosen else f"{table}.csv"
    return csv_answer(name, made.columns, rows)


def _page(
    request: HttpRequest,
    template: str,
    figures: Callable[[Actor, Chosen], dict[str, Any]],  # Any: what a page shows
) -> HttpResponseBase:
    actor = actor_of(request)
    chosen = choose(actor, request.GET.get("currency", ""))
    context: dict[str, Any] = {"chosen": chosen} | (figures(actor, chosen) if chosen else {})
    return render_console(request, template, context, place="business")
