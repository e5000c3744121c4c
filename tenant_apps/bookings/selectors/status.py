"""A booking as its customer sees it: where it stands, what happened, what can still be done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.urls import reverse
from django.utils.translation import gettext as _

from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.rules.calendar_entries import google_link, outlook_link
from tenant_apps.bookings.selectors.calendars import calendar_entry
from tenant_apps.bookings.selectors.links import manage_token
from tenant_apps.bookings.selectors.phrases import TimeWords, moment_words, time_words, weekday_words
from tenant_apps.bookings.selectors.terms import current_terms, terms_words
from tenant_apps.bookings.types import BookingStatus, Party, Terms

StepState = Literal["done", "running", "waiting", "failed"]
_S = BookingStatus

KINDS: Final = {
    _S.PENDING: "warn",
    _S.CONFIRMED: "ok",
    _S.COMPLETED: "info",
    _S.DECLINED: "bad",
    _S.CANCELLED: "bad",
    _S.EXPIRED: "bad",
    _S.NO_SHOW: "bad",
}
"""The colour of a badge for each state, for every list of bookings."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened or will; `detail` says when."""

    label: str
    detail: str
    state: StepState


@dataclass(frozen=True, slots=True)
class StatusPaths:
    """Where the page of a booking leads."""

    status: str
    move: str
    cancel: str
    renew: str
    make_account: str
    calendar_file: str
    google: str
    outlook: str
    service: str
    live: str


@dataclass(frozen=True, slots=True)
class StatusView:
    """All that the page of a booking shows. `terms_text` says what the customer may still do, and until when."""

    booking: Booking
    heading: str
    badge_kind: str
    badge_text: str
    time: TimeWords
    steps: tuple[Step, ...]
    terms: Terms
    terms_text: str
    is_open: bool
    paths: StatusPaths


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking in a list."""

    booking: Booking
    time: TimeWords
    badge_kind: str
    badge_text: str
    path: str


def get_status(booking: Booking, *, token: str, zone: str, now: datetime) -> StatusView:
    """The page of `booking` for somebody whose clock is in `zone` and who came by `token`: its links stay with it."""
    status = BookingStatus(booking.status)
    return StatusView(
        booking=booking,
        heading=_heading(booking, status, zone, now),
        badge_kind=KINDS[status],
        badge_text=str(status.label),
        time=time_words(booking, zone=zone),
        steps=tuple(_steps(booking, status, zone, now)),
        terms=current_terms(booking, now),
        terms_text=terms_words(booking, zone=zone, now=now),
        is_open=status in {_S.PENDING, _S.CONFIRMED},
        paths=_paths(booking, token),
    )


def get_rows(bookings: Iterable[Booking], *, zone: str) -> list[BookingRow]:
    """Bookings as a customer's list shows them; no query."""
    return [
        BookingRow(
            booking=booking,
            time=time_words(booking, zone=zone),
            badge_kind=KINDS[BookingStatus(booking.status)],
            badge_text=str(BookingStatus(booking.status).label),
            path=reverse("booking_status", args=[manage_token(booking)]),
        )
        for booking in bookings
    ]


def _heading(booking: Booking, status: BookingStatus, zone: str, now: datetime) -> str:
    words = {"provider": booking.provider.display_name, "weekday": weekday_words(booking.starts_at, zone=zone)}
    sentences = {
        _S.PENDING: _("Your request is with %(provider)s"),
        _S.CONFIRMED: _("See you on %(weekday)s") if now < booking.ends_at else _("This booking is over"),
        _S.DECLINED: _("%(provider)s cannot take this one"),
        _S.CANCELLED: _("This booking is cancelled"),
        _S.EXPIRED: _("%(provider)s did not answer in time"),
        _S.COMPLETED: _("This booking has taken place"),
        _S.NO_SHOW: _("You were missed on %(weekday)s"),
    }
    return sentences[status] % words


def _steps(booking: Booking, status: BookingStatus, zone: str, now: datetime) -> list[Step]:
    was_asked = booking.decided_at != booking.booked_at
    steps = [Step(_("Requested") if was_asked else _("Booked"), _at(booking.booked_at, zone), "done")]
    if status is _S.PENDING:
        steps.append(Step(_("Waiting for %s") % booking.provider.display_name, _until(booking.due_at, zone), "running"))
    elif was_asked and booking.decided_at and status is not _S.DECLINED:
        steps.append(Step(_("Confirmed"), _at(booking.decided_at, zone), "done"))
    if booking.moved_at:
        steps.append(Step(_("Moved from %s") % _at(booking.moved_from_at, zone), _at(booking.moved_at, zone), "done"))
    steps.append(_last_step(booking, status, zone, now))
    return steps


def _last_step(booking: Booking, status: BookingStatus, zone: str, now: datetime) -> Step:
    closed = _at(booking.closed_at, zone)
    if status is _S.CANCELLED:
        by_customer = booking.closed_by == Party.CUSTOMER
        by_provider = _("Cancelled by %s") % booking.provider.display_name
        return Step(_("Cancelled by you") if by_customer else by_provider, closed, "failed")
    ends = {_S.DECLINED: _("Declined"), _S.EXPIRED: _("Lapsed without an answer"), _S.NO_SHOW: _("Missed")}
    if status in ends:
        return Step(ends[status], closed, "failed")
    if status is _S.COMPLETED or now >= booking.ends_at:
        return Step(_("Taken place"), _at(booking.starts_at, zone), "done")
    state: StepState = "running" if now >= booking.starts_at else "waiting"
    return Step(_("Takes place"), _at(booking.starts_at, zone), state)


def _at(moment: datetime | None, zone: str) -> str:
    return moment_words(moment, zone=zone) if moment else ""


def _until(moment: datetime | None, zone: str) -> str:
    return _("until %s") % moment_words(moment, zone=zone) if moment else ""


def _paths(booking: Booking, token: str) -> StatusPaths:
    entry = calendar_entry(booking, side=Party.CUSTOMER)
    return StatusPaths(
        status=reverse("booking_status", args=[token]),
        move=reverse("booking_move", args=[token]),
        cancel=reverse("booking_cancel", args=[token]),
        renew=reverse("booking_renew", args=[token]),
        make_account=reverse("booking_make_account", args=[token]),
        calendar_file=reverse("booking_calendar_file", args=[token]),
        google=google_link(entry),
        outlook=outlook_link(entry),
        service=f"/services/{booking.service.slug}/",
        live=f"/live/bookings/{token}/",
    )
