"""The signed link by which a customer without an account comes back to their booking."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.core.signing import BadSignature
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.emails import email_is
from tenant_apps.bookings.errors import LinkEnded, NoSuchBooking
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.permissions import link_holder
from tenant_apps.bookings.rules import LINK_LIFE, has_link_ended
from tenants.scope import current_tenant
from tenants.signing import sign, unsign

_PURPOSE: Final = "bookings.manage"
_MOST_IN_A_LETTER: Final = 10


def manage_token(booking: Booking) -> str:
    """What the link of `booking` carries: good in this marketplace only, until `renew_link`, or some months after
    the booking is closed.
    """
    return sign(_PURPOSE, [booking.public_id.hex, booking.link_epoch])


def manage_path(booking: Booking) -> str:
    """The path of the booking's own page, for whoever holds it."""
    return reverse("booking_status", args=[manage_token(booking)])


def manage_url(booking: Booking) -> str:
    """The same with scheme and host, for mails and calendars. Made of the registry's name, never of a request's (R50)."""
    return current_tenant().base_url + manage_path(booking)


def booking_behind_link(token: str, *, viewer: Actor | None = None, now: datetime | None = None) -> tuple[Booking, Actor]:
    """The booking that `token` leads to, and whom its holder acts as.

    Raises NoSuchBooking, alike for a forged, foreign, renewed or unknown one; LinkEnded some months after the booking is
    closed, unless `viewer` is its customer, signed in.
    """
    try:
        hex_id, epoch = unsign(_PURPOSE, token)
    except BadSignature:
        raise _unknown() from None
    found = Booking.objects.booked().with_sides().filter(public_id=UUID(hex_id), link_epoch=epoch).first()
    if found is None:
        raise _unknown()
    is_theirs = viewer is not None and viewer.kind == "user" and viewer.user_id == found.customer_id
    if has_link_ended(found.closed_at, now or clock.now()) and not is_theirs:
        raise LinkEnded(_("This link has ended: the booking was closed months ago. Sign in to see what you have booked."))
    return found, link_holder(found)


def with_live_links(email: str, *, now: datetime) -> list[Booking]:
    """What was booked under `email` and still has a live link, at most ten: what is ahead by time, then the latest past."""
    live = Q(closed_at__isnull=True) | Q(closed_at__gt=now - LINK_LIFE)
    theirs = Booking.objects.booked().with_sides().filter(email_is(email), live)
    ahead = list(theirs.filter(ends_at__gt=now).order_by("starts_at", "pk")[:_MOST_IN_A_LETTER])
    behind = theirs.filter(ends_at__lte=now).order_by("-starts_at", "-pk")
    return ahead + list(behind[: _MOST_IN_A_LETTER - len(ahead)])


def _unknown() -> NoSuchBooking:
    return NoSuchBooking(_("This link is not valid, or not any more. Use the one in the latest mail about your booking."))
