"""Paying: Stripe's own pages, the way back from them, and what is open. Card data never comes here."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.errors import DomainError
from shared_apps.billing.errors import NotConfirmedYet
from shared_apps.billing.selectors import MANAGE, is_checkout_of, owner_standing
from shared_apps.billing.services import begin_checkout, confirm_checkout, open_portal
from shared_apps.plans.types import Interval
from tenant_apps.backoffice.forms.plan import ChoosePlanForm
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import act, form_page, page
from tenant_apps.backoffice.views.plan_change import choices_of, standing_here
from tenants.scope import current_tenant
from webui.htmx import add_toast, is_htmx, redirect_to, render_page

_MOST_TURNS: Final = 40
"""Of asking whether it is confirmed, some seconds apart. After that nobody sits in front of the page any more."""


@page(MANAGE)
def pay(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The direct way to what has to be paid: open invoices, else the choice of how to pay. It asks nothing of Stripe."""
    standing = standing_here(desk)
    if standing.open_invoices:
        context = {"desk": desk, "standing": standing, "zone": current_tenant().time_zone}
        return render(request, "backoffice/plan_pay.html", context)
    return redirect_to(request, reverse("backoffice:plan_change" if standing.can_choose else "backoffice:plan"))


@act(MANAGE)
def checkout(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Send the owner to Stripe's page, where a first payment is made, or a card left for the end of the trial."""
    form = ChoosePlanForm(request.POST, **choices_of(standing_here(desk)))
    if not form.is_valid():
        return redirect_to(request, reverse("backoffice:plan_change"))
    tenant = current_tenant()
    try:
        url = begin_checkout(
            actor=desk.actor,
            tenant_id=tenant.id,
            plan_code=form.cleaned_data["plan"],
            interval=Interval(form.cleaned_data["interval"]),
            add_ons=form.add_ons,
            success_url=f"{_here('plan_paid')}?session={{CHECKOUT_SESSION_ID}}",
            cancel_url=_here("plan_change"),
        )
    except DomainError as error:
        return _stay(request, error)
    return _leave(request, desk, url, _("Stripe asks how you want to pay. We never see your card."))


@act(MANAGE)
def portal(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Send the owner to Stripe's portal: cards, billing address and tax numbers are there."""
    try:
        url = open_portal(actor=desk.actor, tenant_id=current_tenant().id, return_url=_here("plan"))
    except DomainError as error:
        return _stay(request, error)
    return _leave(request, desk, url, _("Stripe keeps your cards, billing address and tax numbers. We never see a card."))


@form_page(MANAGE)
def paid(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The way back from Checkout: looked at here, and asked of Stripe by the page itself until it is confirmed.

    Whichever comes first, this or the webhook, has done it; the other finds it done.
    """
    asked = request.POST if request.method == "POST" else request.GET
    session_id, turn = _session(asked.get("session", "")[:255]), _number(asked.get("turn", "0"))
    if request.method == "POST" and session_id:
        try:
            confirm_checkout(tenant_id=current_tenant().id, session_id=session_id)
        except NotConfirmedYet:
            turn += 1
        except DomainError as error:
            return _stay(request, error)
    standing = owner_standing(desk.actor, current_tenant().id)
    is_done = bool(session_id) and standing is not None and standing.is_paid_for
    context = {
        "desk": desk,
        "standing": standing,
        "is_done": is_done,
        "session_id": session_id,
        "turn": turn + 1,
        "asks_again": bool(session_id) and not is_done and turn < _MOST_TURNS,
    }
    return render_page(request, "backoffice/plan_paid.html", context, partial="live")


def _session(text: str) -> str:
    """The page of Checkout from which somebody comes; empty where none of this marketplace is called so."""
    return text if text and is_checkout_of(current_tenant().id, text) else ""


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < len(str(_MOST_TURNS)) + 1 else _MOST_TURNS


def _here(name: str) -> str:
    return current_tenant().base_url + reverse(f"backoffice:{name}")


def _stay(request: HttpRequest, error: DomainError) -> HttpResponse:
    add_toast(request, error.message, kind="bad")
    return redirect_to(request, reverse("backoffice:plan"))


def _leave(request: HttpRequest, desk: Desk, url: str, text: str) -> HttpResponse:
    """To another host: htmx goes there; a form's answer may not (CSP), so that without script there is a link to press."""
    if is_htmx(request):
        return redirect_to(request, url)
    return render(request, "backoffice/plan_leave.html", {"desk": desk, "url": url, "text": text})
