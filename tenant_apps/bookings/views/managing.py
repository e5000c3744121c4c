"""The booking's own page, by its signed link: see, move, cancel, put into a calendar. No account is needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kernel import clock
from kernel.actor import Actor
from kernel.errors import Conflict, DomainError, Invalid
from tenant_apps.bookings.forms import ReasonForm
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.selectors import booking_behind_link, manage_url
from tenant_apps.bookings.selectors.calendars import calendar_download
from tenant_apps.bookings.selectors.picker import get_picker, next_time, parse_slot
from tenant_apps.bookings.selectors.status import get_status
from tenant_apps.bookings.services import cancel_booking, reschedule_booking
from tenant_apps.bookings.types import NextTime, Picker, PickerPaths
from tenant_apps.bookings.views.asking import zone_hint_of, zone_of
from tenant_apps.bookings.views.choosing import MENDABLE
from webui.htmx import is_htmx, redirect_to

type _LinkView = Callable[[HttpRequest, Booking, Actor], HttpResponse]


def behind_link(view: _LinkView) -> Callable[Concatenate[HttpRequest, str, ...], HttpResponse]:
    """Give `view` the booking that the token in the address leads to, and whom its holder acts as; else it is a 404.

    Such pages are nobody's cache's business, and no crawler's.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        booking, actor = booking_behind_link(token)
        response = view(request, booking, actor)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return never_cache(wrapped)


@require_safe
@behind_link
def status(request: HttpRequest, booking: Booking, actor: Actor) -> HttpResponse:
    """When, where, with whom; what happened so far, and what can still be done."""
    del actor
    zone = zone_hint_of(request) or booking.customer_time_zone
    view = get_status(booking, zone=zone, now=clock.now())
    return render(request, "bookings/status.html", {"view": view, "link": manage_url(booking)})


@require_safe
@behind_link
def calendar_file(request: HttpRequest, booking: Booking, actor: Actor) -> HttpResponse:
    """The booking as a file for any calendar."""
    del request, actor
    response = HttpResponse(calendar_download(booking), content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response.headers["Content-Disposition"] = 'attachment; filename="booking.ics"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link
def cancel(request: HttpRequest, booking: Booking, actor: Actor) -> HttpResponse:
    """GET asks, POST cancels."""
    view = get_status(booking, zone=zone_hint_of(request) or booking.customer_time_zone, now=clock.now())
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _done(request, view.paths.status, _("Cancelled."), lambda: _cancel(actor, booking, form))
    if not view.terms.can_cancel:
        return redirect_to(request, view.paths.status)
    shown = Invalid.http_status if form.is_bound else 200
    return render(request, "bookings/cancel.html", {"view": view, "form": form}, status=shown)


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link
def move(request: HttpRequest, booking: Booking, actor: Actor) -> HttpResponse:
    """GET shows the free times, POST moves to the chosen one. A time that just went is answered with the nearest."""
    view = get_status(booking, zone=zone_hint_of(request) or booking.customer_time_zone, now=clock.now())
    if not view.terms.can_move:
        return redirect_to(request, view.paths.status)
    asked = request.GET.dict()
    refusal: DomainError | None = None
    if request.method == "POST":
        zone = zone_of(request, request.POST.dict(), default=booking.customer_time_zone)
        asked = {"slot": request.POST.get("slot", ""), "tz": zone}
        try:
            _move(actor, booking, asked["slot"], zone)
        except MENDABLE as error:
            refusal = error
        except Conflict as error:
            return _done(request, view.paths.status, error.message, None)
        else:
            return _done(request, view.paths.status, _("Moved."), None)
    picker = _picker(request, booking, view.paths.move, asked)
    context = {"view": view, "picker": picker, "refusal": refusal, "nearest": _nearest(refusal, picker)}
    if is_htmx(request):
        return render(request, "bookings/picker_body.html", context)
    return render(request, "bookings/move.html", context, status=refusal.http_status if refusal else 200)


def _cancel(actor: Actor, booking: Booking, form: ReasonForm) -> None:
    cancel_booking(actor=actor, booking=booking, reason=form.cleaned_data["reason"])


def _move(actor: Actor, booking: Booking, text: str, zone: str) -> None:
    if not text:
        raise Invalid(_("Choose a time first."), field="slot")
    reschedule_booking(actor=actor, booking=booking, starts_at=parse_slot(text, zone))


def _done(request: HttpRequest, path: str, sentence: str, act: Callable[[], None] | None) -> HttpResponse:
    """Do it and go back to the booking's page, which says what became of it, also when it could not be done."""
    level, text = messages.SUCCESS, sentence
    try:
        if act is not None:
            act()
    except Conflict as error:
        level, text = messages.ERROR, error.message
    messages.add_message(request, level, text)
    return redirect_to(request, path)


def _picker(request: HttpRequest, booking: Booking, path: str, asked: dict[str, str]) -> Picker:
    return get_picker(
        service=booking.service,
        asked={name: value[:100] for name, value in asked.items()},
        paths=PickerPaths(page=path, part=path, choose=path),
        zone_hint=zone_hint_of(request) or booking.customer_time_zone,
        ignoring=(booking.public_id,),
    )


def _nearest(refusal: DomainError | None, picker: Picker) -> list[NextTime]:
    return [next_time(moment, zone=picker.zone) for moment in getattr(refusal, "alternatives", ())]
