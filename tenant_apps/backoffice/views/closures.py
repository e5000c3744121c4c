"""Closed days of the whole marketplace: listed, added, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel import clock
from tenant_apps.availability.permissions import EDIT
from tenant_apps.availability.selectors import get_blackouts
from tenant_apps.availability.services import add_blackout, remove_blackout
from tenant_apps.backoffice.forms.closures import FIELDS, ClosureForm
from tenant_apps.backoffice.services import restore_blackout, token_for_blackout
from tenant_apps.backoffice.types import Desk
from tenant_apps.backoffice.views.gate import act, form_page, refusal
from tenants.scope import current_tenant
from webui.htmx import add_toast, redirect_to


@dataclass(frozen=True, slots=True)
class Closure:
    """Closed days as the organization's own calendar has them; `last_on` belongs to them."""

    id: UUID
    first_on: date
    last_on: date
    note: str

    @property
    def is_one_day(self) -> bool:
        return self.first_on == self.last_on


@form_page(EDIT)
def listing(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What is to come, and a form for more."""
    if request.method != "POST":
        return _page(request, desk, ClosureForm())
    form = ClosureForm(request.POST)
    if not form.is_valid():
        return _page(request, desk, form, status=422)
    refused = refusal(form, lambda: _add(desk, form), fields=FIELDS)
    if refused is not None:
        return _page(request, desk, form, status=refused)
    add_toast(request, _("The marketplace is closed then. Bookings made stay as they are."))
    return _back(request)


@act(EDIT)
def remove(request: HttpRequest, desk: Desk, blackout_id: UUID) -> HttpResponse:
    """Open the days again."""
    removed = remove_blackout(actor=desk.actor, blackout_id=blackout_id)
    undo_url = reverse("backoffice:closure_restore", args=[token_for_blackout(removed)])
    add_toast(request, _("The marketplace is open on these days again."), undo_url=undo_url)
    return _back(request)


@act(EDIT)
def restore(request: HttpRequest, desk: Desk, token: str) -> HttpResponse:
    """Undo: closed after all."""
    restore_blackout(actor=desk.actor, token=token)
    add_toast(request, _("The days are closed again."))
    return _back(request)


def closures() -> list[Closure]:
    """Those that have not ended, in order of time."""
    zone = ZoneInfo(current_tenant().time_zone)
    return [
        Closure(
            row.public_id,
            row.starts_at.astimezone(zone).date(),
            # The end is midnight, which belongs to the day after.
            (row.ends_at.astimezone(zone) - timedelta(microseconds=1)).date(),
            row.note,
        )
        for row in get_blackouts(from_at=clock.now())
    ]


def _add(desk: Desk, form: ClosureForm) -> None:
    starts_at, ends_at = form.stretch(current_tenant().time_zone)
    add_blackout(actor=desk.actor, starts_at=starts_at, ends_at=ends_at, note=form.cleaned_data["note"])


def _page(request: HttpRequest, desk: Desk, form: ClosureForm, *, status: int = 200) -> HttpResponse:
    context = {"desk": desk, "form": form, "closures": closures(), "zone": current_tenant().time_zone}
    return render(request, "backoffice/closures.html", context, status=status)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect_to(request, reverse("backoffice:closures"))
