"""Giving one's name: the page between a chosen time and a booking. What was typed is never lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kernel import clock
from kernel.errors import DomainError, Invalid
from kernel.ids import new_id
from tenant_apps.bookings.errors import AttemptSpent, InvalidCustomer, SlotNotOffered, SlotTaken
from tenant_apps.bookings.forms import DetailsForm
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.selectors import manage_path
from tenant_apps.bookings.selectors.attempts import as_key, attempt_in, booking_made, hold_under
from tenant_apps.bookings.selectors.offers import get_offer
from tenant_apps.bookings.selectors.picker import next_time, parse_slot, slot_value
from tenant_apps.bookings.services import book, count_booking, require_slot
from tenant_apps.bookings.types import NextTime
from tenant_apps.bookings.views.asking import actor_of, refused, remember_booking, user_of, visitor_of, zone_of
from tenant_apps.bookings.views.choosing import choose_again
from tenant_apps.catalog.selectors import service_at
from tenant_apps.catalog.types import ServiceDetails
from webui.forms import add_domain_error
from webui.htmx import redirect_to


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request to this page is about. `attempt` makes two sends of one form the same attempt."""

    service: ServiceDetails
    starts_at: datetime
    zone: str
    attempt: UUID


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest, slug: str) -> HttpResponse:
    """GET shows the form for `?slot=`; POST books and goes to the booking's own page."""
    service = service_at(slug, actor=actor_of(request))
    values = request.POST.dict() if request.method == "POST" else request.GET.dict()
    zone = zone_of(request, values, default=service.provider.time_zone)
    text = values.get("slot", "")
    if not text:
        return HttpResponseRedirect(f"{service.path}#book")
    try:
        starts_at = parse_slot(text, zone)
    except Invalid as error:
        return choose_again(request, service, error, asked={"tz": zone})
    attempt = as_key(values.get("attempt")) or attempt_in(request.session, service) or new_id()
    asked = _Asked(service, starts_at, zone, attempt)
    if request.method == "POST":
        return _booked(request, asked)
    if (made := booking_made(request.session, service, starts_at=starts_at)) is not None:
        return HttpResponseRedirect(manage_path(made))
    try:
        require_slot(service=service, starts_at=starts_at, hold_key=attempt)
    except DomainError as error:
        return choose_again(request, service, error, asked={"slot": text, "tz": zone})
    return _page(request, asked, DetailsForm(initial=_known_of(request)))


def _booked(request: HttpRequest, asked: _Asked) -> HttpResponse:
    form = DetailsForm(request.POST)
    if not form.is_valid():
        return _page(request, asked, form, status=Invalid.http_status)
    try:
        booking = _book(request, asked, form)
    except InvalidCustomer as error:
        add_domain_error(form, error)
        return _page(request, asked, form, status=error.http_status)
    except DomainError as error:
        # No fault of the form, whatever it is: all that was typed stays.
        return refused(_page(request, asked, form, status=error.http_status, refusal=error), error)
    remember_booking(request, asked.service, booking)
    return redirect_to(request, manage_path(booking))


def _book(request: HttpRequest, asked: _Asked, form: DetailsForm) -> Booking:
    count_booking(visitor_of(request))
    customer = form.details(time_zone=asked.zone, language=get_language() or "")
    send = partial(book, actor=actor_of(request), service=asked.service, starts_at=asked.starts_at, customer=customer)
    try:
        return send(hold_key=asked.attempt)
    except AttemptSpent:
        # Sent from a page that has booked another time before: a second booking is what is meant.
        return send(hold_key=new_id())


def _page(
    request: HttpRequest, asked: _Asked, form: DetailsForm, *, status: int = 200, refusal: DomainError | None = None
) -> HttpResponse:
    held = hold_under(asked.attempt)
    is_held = held is not None and held.starts_at == asked.starts_at
    context = {
        "service": asked.service,
        "form": form,
        "slot": slot_value(asked.starts_at),
        "zone": asked.zone,
        "attempt": asked.attempt,
        "offer": get_offer(asked.service, asked.starts_at, zone=asked.zone, now=clock.now()),
        "held_until": held.due_at if held is not None and is_held and held.due_at and held.due_at > clock.now() else None,
        "refusal": refusal.message if refusal else "",
        "is_slot_gone": isinstance(refusal, SlotTaken | SlotNotOffered),
        "nearest": _nearest(refusal, asked.zone),
    }
    return render(request, "bookings/details.html", context, status=status)


def _nearest(refusal: DomainError | None, zone: str) -> list[NextTime]:
    return [next_time(moment, zone=zone) for moment in getattr(refusal, "alternatives", ())]


def _known_of(request: HttpRequest) -> dict[str, str]:
    """What we know of somebody who is signed in, so that they need not type it again."""
    user = user_of(request)
    if user is None:
        return {}
    return {"first_name": user.first_name, "last_name": user.last_name, "email": user.email, "phone": str(user.phone or "")}
