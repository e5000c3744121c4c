"""The booking's own page, by its signed link: see, move, cancel, put into a calendar. No account is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel import clock
from kernel.actor import Actor
from kernel.errors import Conflict, DomainError, Invalid
from shared_apps.accounts.services import greet_newcomer
from tenant_apps.bookings.errors import NoSuchBooking
from tenant_apps.bookings.forms import ReasonForm
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.selectors import booking_behind_link
from tenant_apps.bookings.selectors.agreed import agreed_service
from tenant_apps.bookings.selectors.attempts import is_zone_chosen
from tenant_apps.bookings.selectors.calendars import calendar_download
from tenant_apps.bookings.selectors.picker import get_picker, next_time, parse_slot
from tenant_apps.bookings.selectors.status import StatusView, get_status
from tenant_apps.bookings.services import cancel_booking, renew_link, reschedule_booking
from tenant_apps.bookings.types import NextTime, Picker, PickerPaths
from tenant_apps.bookings.views.asking import actor_of, zone_hint_of, zone_of
from tenant_apps.bookings.views.choosing import MENDABLE
from tenant_apps.bookings.views.finding import RENEWED, instead_of_booking, path_after
from tenants.scope import current_tenant
from webui.htmx import is_htmx, redirect_to


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who came by a link: to which booking, as whom, by which token, and on which clock."""

    booking: Booking
    actor: Actor
    token: str
    zone: str
    is_zone_chosen: bool

    @property
    def view(self) -> StatusView:
        """What the page of the booking shows now."""
        return get_status(self.booking, token=self.token, zone=self.zone, now=clock.now())


type _LinkView = Callable[[HttpRequest, Visit], HttpResponse]


def behind_link(view: _LinkView) -> Callable[Concatenate[HttpRequest, str, ...], HttpResponse]:
    """Give `view` the booking that the token in the address leads to, and whom its holder acts as.

    A link that leads to none is a 404 with the way to one that does. Such pages are nobody's cache's business, and no
    crawler's.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        try:
            booking, actor = booking_behind_link(token, viewer=actor_of(request))
        except NoSuchBooking as refusal:
            if is_htmx(request):
                raise
            return instead_of_booking(request, refusal)
        zone = zone_hint_of(request) or booking.customer_time_zone
        visit = Visit(booking, actor, token, zone, is_zone_chosen(request.COOKIES))
        response = view(request, visit)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return never_cache(wrapped)


@require_safe
@behind_link
def status(request: HttpRequest, visit: Visit) -> HttpResponse:
    """When, where, with whom; what happened so far, and what can still be done."""
    view = visit.view
    link = current_tenant().base_url + view.paths.status
    return render(request, "bookings/status.html", {"view": view, "link": link})


@require_safe
@behind_link
def calendar_file(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The booking as a file for any calendar."""
    del request
    response = HttpResponse(calendar_download(visit.booking), content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response.headers["Content-Disposition"] = 'attachment; filename="booking.ics"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link
def cancel(request: HttpRequest, visit: Visit) -> HttpResponse:
    """GET asks, POST cancels."""
    view = visit.view
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _done(request, view.paths.status, _("Cancelled."), lambda: _cancel(visit, form))
    if not view.terms.can_cancel:
        return redirect_to(request, view.paths.status)
    shown = Invalid.http_status if form.is_bound else 200
    return render(request, "bookings/cancel.html", {"view": view, "form": form}, status=shown)


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link
def move(request: HttpRequest, visit: Visit) -> HttpResponse:
    """GET shows the free times, POST moves to the chosen one. A time that just went is answered with the nearest."""
    view = visit.view
    if not view.terms.can_move:
        return redirect_to(request, view.paths.status)
    asked = request.GET.dict()
    refusal: DomainError | None = None
    if request.method == "POST":
        zone = zone_of(request, request.POST.dict(), default=visit.zone)
        asked = {"slot": request.POST.get("slot", ""), "tz": zone}
        try:
            _move(visit, asked["slot"], zone)
        except MENDABLE as error:
            refusal = error
        except Conflict as error:
            return _done(request, view.paths.status, error.message, None)
        else:
            return _done(request, view.paths.status, _("Moved."), None)
    picker = _picker(visit, view.paths.move, asked)
    context = {"view": view, "picker": picker, "refusal": refusal, "nearest": _nearest(refusal, picker)}
    if is_htmx(request):
        return render(request, "bookings/picker_body.html", context)
    return render(request, "bookings/move.html", context, status=refusal.http_status if refusal else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@behind_link
def renew(request: HttpRequest, visit: Visit) -> HttpResponse:
    """GET asks, POST ends every link of the booking and has a new one sent to its customer, who alone gets it."""
    if request.method == "POST":
        renew_link(actor=visit.actor, booking=visit.booking)
        return redirect_to(request, path_after(RENEWED))
    return render(request, "bookings/renew.html", {"view": visit.view})


@require_POST
@behind_link
def make_account(request: HttpRequest, visit: Visit) -> HttpResponse:
    """On to the sign-up form, which begins with the names and the address under which this was booked."""
    booking = visit.booking
    names = {"first_name": booking.first_name, "last_name": booking.last_name}
    greet_newcomer(session=request.session, email=booking.email, **names)
    return redirect_to(request, reverse("account_signup"))


def _cancel(visit: Visit, form: ReasonForm) -> None:
    cancel_booking(actor=visit.actor, booking=visit.booking, reason=form.cleaned_data["reason"])


def _move(visit: Visit, text: str, zone: str) -> None:
    if not text:
        raise Invalid(_("Choose a time first."), field="slot")
    reschedule_booking(actor=visit.actor, booking=visit.booking, starts_at=parse_slot(text, zone))


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


def _picker(visit: Visit, path: str, asked: dict[str, str]) -> Picker:
    return get_picker(
        service=agreed_service(visit.booking),
        asked={name: value[:100] for name, value in asked.items()},
        paths=PickerPaths(page=path, part=path, choose=path),
        zone_hint=visit.zone,
        is_hint_chosen=visit.is_zone_chosen,
        ignoring=(visit.booking.public_id,),
    )


def _nearest(refusal: DomainError | None, picker: Picker) -> list[NextTime]:
    return [next_time(moment, zone=picker.zone) for moment in getattr(refusal, "alternatives", ())]
