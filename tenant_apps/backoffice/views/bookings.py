"""Bookings: the list, one of them, and what can be said to it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.actor import Actor
from kernel.clock import now as clock_now
from kernel.errors import DomainError
from tenant_apps.backoffice.forms.marketplace import ReasonForm
from tenant_apps.backoffice.views.access import id_in, staff_page
from tenant_apps.bookings import services
from tenant_apps.bookings.permissions import CHANGE, DECIDE, VIEW, party_of
from tenant_apps.bookings.selectors import booking_for, get_bookings_for
from tenant_apps.bookings.types import BookingStatus, Party, When, Wish
from tenant_apps.providers.selectors import own_profile
from webui.htmx import add_toast, redirect_to, render_page

_PREFIX = "bkg"
_STAFF = (Party.PROVIDER, Party.ORGANIZATION, Party.SYSTEM)
_LONGEST_SEARCH = 100
_LONGEST_NUMBER = 10


@require_safe
@staff_page
def bookings(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What is ahead, what waits, what is behind; a search looks at customers and titles."""
    tab = request.GET.get("show", "upcoming")
    search = request.GET.get("q", "").strip()[:_LONGEST_SEARCH]
    wish = _wish(tab, search, _provider_pk(actor))
    cursor = request.GET.get("after") or request.GET.get("before") or None
    context = {
        "list": get_bookings_for(actor=actor, wish=wish, cursor=cursor),
        "tab": tab,
        "search": search,
        "tabs": [("upcoming", _("Ahead")), ("waiting", _("To answer")), ("past", _("Past")), ("all", _("All"))],
    }
    return render_page(request, "backoffice/bookings.html", context, partial="rows")


@require_safe
@staff_page
def booking(request: HttpRequest, actor: Actor, reference: str) -> HttpResponse:
    """One booking with what can be done about it."""
    return _page(request, actor, reference)


@require_POST
@staff_page
def confirm(request: HttpRequest, actor: Actor, reference: str) -> HttpResponse:
    """Say yes to a request that looks as it did when the button was pressed."""

    def act() -> None:
        row = booking_for(actor=actor, booking_id=id_in(_PREFIX, reference))
        services.confirm_booking(actor=actor, booking=row, seen_sequence=_seen(request))

    return _said(request, actor, reference, act, _("Confirmed. The customer is told by mail."))


@require_POST
@staff_page
def decline(request: HttpRequest, actor: Actor, reference: str) -> HttpResponse:
    """Say no to a request."""

    def act() -> None:
        row = booking_for(actor=actor, booking_id=id_in(_PREFIX, reference))
        services.decline_booking(actor=actor, booking=row, reason=_reason(request), seen_sequence=_seen(request))

    return _said(request, actor, reference, act, _("Declined. The time is free again."))


@require_POST
@staff_page
def cancel(request: HttpRequest, actor: Actor, reference: str) -> HttpResponse:
    """Call a booking off."""

    def act() -> None:
        services.cancel_booking(
            actor=actor, booking=booking_for(actor=actor, booking_id=id_in(_PREFIX, reference)), reason=_reason(request)
        )

    return _said(request, actor, reference, act, _("Cancelled. The customer is told by mail."))


@require_POST
@staff_page
def complete(request: HttpRequest, actor: Actor, reference: str) -> HttpResponse:
    """Say that it took place."""

    def act() -> None:
        services.complete_booking(actor=actor, booking=booking_for(actor=actor, booking_id=id_in(_PREFIX, reference)))

    undo = reverse("backoffice_booking_no_show", args=[reference])
    return _said(request, actor, reference, act, _("Marked as done."), undo_url=undo)


@require_POST
@staff_page
def no_show(request: HttpRequest, actor: Actor, reference: str) -> HttpResponse:
    """Say that the customer did not come."""

    def act() -> None:
        services.mark_no_show(actor=actor, booking=booking_for(actor=actor, booking_id=id_in(_PREFIX, reference)))

    undo = reverse("backoffice_booking_complete", args=[reference])
    return _said(request, actor, reference, act, _("Marked as missed."), undo_url=undo)


def _said(
    request: HttpRequest,
    actor: Actor,
    reference: str,
    act: Callable[[], None],
    words: str,
    *,
    undo_url: str = "",
) -> HttpResponse:
    """Do it and go back to the booking; a refusal is told on its page, which then shows how things are now."""
    try:
        act()
    except DomainError as error:
        if error.http_status not in (409, 422):
            raise
        return _page(request, actor, reference, refusal=error.message, status=error.http_status)
    add_toast(request, words, undo_url=undo_url)
    return redirect_to(request, reverse("backoffice_booking", args=[reference]))


def _page(request: HttpRequest, actor: Actor, reference: str, *, refusal: str = "", status: int = 200) -> HttpResponse:
    row = booking_for(actor=actor, booking_id=id_in(_PREFIX, reference))
    now = clock_now()
    has_begun = row.starts_at <= now
    may_decide, may_change = (party_of(actor, row, right) in _STAFF for right in (DECIDE, CHANGE))
    context = {
        "booking": row,
        "refusal": refusal,
        "reason_form": ReasonForm(),
        "can_answer": may_decide and row.status == BookingStatus.PENDING and (row.due_at is None or row.due_at > now),
        "can_cancel": may_change and row.status == BookingStatus.CONFIRMED and row.ends_at > now,
        "can_complete": may_decide and has_begun and row.status in (BookingStatus.CONFIRMED, BookingStatus.NO_SHOW),
        "can_miss": may_decide and has_begun and row.status in (BookingStatus.CONFIRMED, BookingStatus.COMPLETED),
    }
    return render_page(request, "backoffice/booking.html", context, status=status)


def _wish(tab: str, search: str, provider_pk: int | None) -> Wish:
    """The tab as the selector understands it; an unknown one is the usual one."""
    if tab == "waiting":
        return Wish(when=When.AHEAD, statuses=(BookingStatus.PENDING,), provider_pk=provider_pk, search=search)
    sides = {"past": When.BEHIND, "all": When.ANY}
    return Wish(when=sides.get(tab, When.AHEAD), provider_pk=provider_pk, search=search)


def _provider_pk(actor: Actor) -> int | None:
    """Who does not see everybody's sees those made with them, not those they made as somebody's customer."""
    if actor.can(VIEW.any):
        return None
    own = own_profile(actor)
    return own.pk if own else 0


def _seen(request: HttpRequest) -> int | None:
    """The `sequence` of the page on which the button was pressed."""
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER else None


def _reason(request: HttpRequest) -> str:
    form = ReasonForm(request.POST)
    return str(form.cleaned_data["reason"]) if form.is_valid() else ""
