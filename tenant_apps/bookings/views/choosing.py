"""Choosing a time: the picker's inside for htmx, and the hold that a chosen time gets."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.errors import DomainError, Invalid
from tenant_apps.bookings.errors import AttemptSpent, SlotNotOffered, SlotTaken
from tenant_apps.bookings.selectors.picker import next_time, parse_slot, slot_value
from tenant_apps.bookings.services import count_hold, hold_slot
from tenant_apps.bookings.types import NextTime, Picker
from tenant_apps.bookings.views.asking import (
    actor_of,
    begin_attempt,
    details_path,
    end_attempt,
    picker_of,
    refused,
    visitor_of,
    zone_of,
)
from tenant_apps.catalog.selectors import service_at
from tenant_apps.catalog.types import ServiceDetails
from webui.htmx import is_htmx, redirect_to

# What the visitor can mend by choosing another time.
MENDABLE = (SlotTaken, SlotNotOffered, Invalid)


@require_safe
def picker_part(request: HttpRequest, slug: str) -> HttpResponse:
    """The inside of the picker, for another day, month or zone."""
    service = service_at(slug, actor=actor_of(request))
    if not is_htmx(request):
        return HttpResponseRedirect(f"{service.path}?{request.GET.urlencode()}#book")
    return render(request, "bookings/picker_body.html", {"service": service, "picker": picker_of(request, service)})


@require_POST
def hold(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep the chosen time, and go on to the details. A time that just went is answered with the nearest free ones."""
    service = service_at(slug, actor=actor_of(request))
    zone = zone_of(request, request.POST.dict(), default=service.provider.time_zone)
    text = request.POST.get("slot", "")
    try:
        value = _held(request, service, text, zone)
    except DomainError as error:
        return choose_again(request, service, error, asked={"slot": text, "tz": zone})
    return redirect_to(request, details_path(service, slot=value, zone=zone))


def choose_again(request: HttpRequest, service: ServiceDetails, error: DomainError, *, asked: dict[str, str]) -> HttpResponse:
    """A page with the picker and the reason why the first choice did not work."""
    picker = picker_of(request, service, asked)
    context = {"service": service, "picker": picker, "refusal": error.message, "nearest": nearest_of(error, picker)}
    return refused(render(request, "bookings/choose.html", context, status=error.http_status), error)


def nearest_of(error: DomainError, picker: Picker) -> list[NextTime]:
    """The free times that a refusal carries, as chips."""
    moments = getattr(error, "alternatives", ())
    return [next_time(moment, zone=picker.zone) for moment in moments]


def _held(request: HttpRequest, service: ServiceDetails, text: str, zone: str) -> str:
    if not text:
        raise Invalid(_("Choose a time first."), field="slot")
    starts_at = parse_slot(text, zone)
    count_hold(visitor_of(request))
    try:
        _hold(request, service, starts_at, zone)
    except AttemptSpent:
        # The last attempt has become a booking; this is another one.
        end_attempt(request, service)
        _hold(request, service, starts_at, zone)
    return slot_value(starts_at)


def _hold(request: HttpRequest, service: ServiceDetails, starts_at: datetime, zone: str) -> None:
    key = begin_attempt(request, service)
    hold_slot(actor=actor_of(request), service=service, starts_at=starts_at, hold_key=key, customer_time_zone=zone)
