"""Bookings: lists, one of them, and what is said to it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kernel import clock
from tenant_apps.backoffice.forms.bookings import DecisionForm, ReasonForm
from tenant_apps.backoffice.rules import acts_on
from tenant_apps.backoffice.types import BookingActs, Desk
from tenant_apps.backoffice.views.gate import act, form_page, id_in, page, refusal
from tenant_apps.bookings.selectors.staff import Booking, StaffTab, booking_for_staff, bookings_for_staff, waiting_count
from tenant_apps.bookings.services import (
    cancel_booking,
    complete_booking,
    confirm_booking,
    decline_booking,
    mark_no_show,
)
from webui.htmx import add_toast, redirect_to
from webui.searching import search_in

_PREFIX = "bkg"
_TABS = (
    (StaffTab.UPCOMING, _("Upcoming")),
    (StaffTab.TO_CONFIRM, _("To confirm")),
    (StaffTab.PAST, _("Past")),
    (StaffTab.CANCELLED, _("Cancelled")),
)


@page()
def listing(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One list of bookings, narrowed by `?q=`."""
    tab = StaffTab.of(request.GET.get("tab", ""))
    search = search_in(request)
    now = clock.now()
    found = bookings_for_staff(
        actor=desk.actor,
        tab=tab,
        now=now,
        search=search,
        cursor=request.GET.get("after") or request.GET.get("before"),
    )
    waiting = waiting_count(actor=desk.actor, now=now)
    context = {"desk": desk, "tabs": _TABS, "tab": tab, "search": search, "page": found, "waiting": waiting}
    return render(request, "backoffice/bookings.html", context)


@page()
def detail(request: HttpRequest, desk: Desk, booking_id: str) -> HttpResponse:
    """One booking and what may be done to it."""
    booking = _booking(desk, booking_id)
    context = _context(desk, booking) | {
        "decline_form": ReasonForm(prefix="decline"),
        "cancel_form": ReasonForm(prefix="cancel"),
    }
    return render(request, "backoffice/booking.html", context)


@act()
def confirm(request: HttpRequest, desk: Desk, booking_id: str) -> HttpResponse:
    """Say yes, to what the page showed."""
    booking = _booking(desk, booking_id)
    confirm_booking(actor=desk.actor, booking=booking, seen_sequence=_seen(request))
    return _done(request, booking, _("Confirmed. The customer gets a mail."))


@form_page()
def decline(request: HttpRequest, desk: Desk, booking_id: str) -> HttpResponse:
    """Say no, with a reason."""
    return _with_reason(
        request,
        desk,
        booking_id,
        write=lambda booking, reason: decline_booking(
            actor=desk.actor, booking=booking, reason=reason, seen_sequence=_seen(request)
        ),
        act_name="decline",
        done=_("Declined. The time is free again, and the customer gets a mail."),
    )


@form_page()
def cancel(request: HttpRequest, desk: Desk, booking_id: str) -> HttpResponse:
    """Call it off, with a reason."""
    return _with_reason(
        request,
        desk,
        booking_id,
        write=lambda booking, reason: cancel_booking(actor=desk.actor, booking=booking, reason=reason),
        act_name="cancel",
        done=_("Cancelled. The time is free again, and the customer gets a mail."),
    )


@act()
def complete(request: HttpRequest, desk: Desk, booking_id: str) -> HttpResponse:
    """Say that it took place. Marking it as missed puts a slip right."""
    booking = _booking(desk, booking_id)
    complete_booking(actor=desk.actor, booking=booking)
    return _done(request, booking, _("Marked as done."))


@act()
def no_show(request: HttpRequest, desk: Desk, booking_id: str) -> HttpResponse:
    """Say that the customer did not come; *Undo* counts it as done."""
    booking = _booking(desk, booking_id)
    mark_no_show(actor=desk.actor, booking=booking)
    undo_url = reverse("backoffice:booking_complete", args=[booking.reference])
    return _done(request, booking, _("Marked as missed."), undo_url=undo_url)


def _with_reason(
    request: HttpRequest,
    desk: Desk,
    booking_id: str,
    *,
    write: Callable[[Booking, str], object],
    act_name: str,
    done: str | Promise,
) -> HttpResponse:
    booking = _booking(desk, booking_id)
    form = ReasonForm(request.POST or None, prefix=act_name)
    status = 200
    if request.method == "POST":
        form = ReasonForm(request.POST, prefix=act_name)
        if form.is_valid():
            refused = refusal(form, lambda: write(booking, form.cleaned_data["reason"]))
            if refused is None:
                return _done(request, booking, done)
            status = refused
        else:
            status = 422
    context = _context(desk, booking) | {"form": form, "act": act_name}
    return render(request, "backoffice/booking_reason.html", context, status=status)


def _seen(request: HttpRequest) -> int | None:
    """Which state of the booking the page showed on which the button was pressed."""
    form = DecisionForm(request.POST)
    return form.cleaned_data["seen"] if form.is_valid() else None


def _booking(desk: Desk, booking_id: str) -> Booking:
    return booking_for_staff(id_in(_PREFIX, booking_id), actor=desk.actor)


def _context(desk: Desk, booking: Booking) -> dict[str, object]:
    return {"desk": desk, "booking": booking, "acts": _acts(desk, booking)}


def _acts(desk: Desk, booking: Booking) -> BookingActs:
    return acts_on(
        status=booking.status,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        due_at=booking.due_at,
        is_own=desk.own is not None and desk.own.pk == booking.provider_id,
        actor=desk.actor,
        now=clock.now(),
    )


def _done(request: HttpRequest, booking: Booking, text: str | Promise, *, undo_url: str = "") -> HttpResponse:
    add_toast(request, text, undo_url=undo_url)
    return redirect_to(request, reverse("backoffice:booking", args=[booking.reference]))
