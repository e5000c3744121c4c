"""Bookings as the people around them may see them; every read starts from `visible_to`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.paging import Page, fetch_page
from tenant_apps.bookings.errors import NoSuchBooking
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.permissions import visible_condition
from tenant_apps.bookings.querysets import BookingQuerySet
from tenant_apps.bookings.types import When, Wish

PAGE_SIZE: Final = 25
_EVERYTHING: Final = Wish()


def visible_to(actor: Actor) -> BookingQuerySet:
    """The bookings that `actor` may know of, with provider and service in the same query; without holds."""
    return Booking.objects.booked().with_sides().filter(visible_condition(actor))


def booking_for(*, actor: Actor, booking_id: UUID) -> Booking:
    """The booking with this public id. Raises NoSuchBooking, alike for one that is not for this actor."""
    found = visible_to(actor).filter(public_id=booking_id).first()
    if found is None:
        raise NoSuchBooking(_("There is no such booking."))
    return found


def get_bookings_for(
    *,
    actor: Actor,
    wish: Wish = _EVERYTHING,
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
    now: datetime | None = None,
) -> Page[Booking]:
    """One page of the actor's bookings as `wish` narrows them; one query.

    What is ahead comes in order of time, what is behind backwards. Raises Invalid for a cursor that is none of ours.
    """
    rows = _narrowed(visible_to(actor), wish, now or clock.now())
    order = ("starts_at", "pk") if wish.when is When.AHEAD else ("-starts_at", "-pk")
    return fetch_page(rows, order=order, cursor=cursor, limit=limit)


def _narrowed(rows: BookingQuerySet, wish: Wish, now: datetime) -> BookingQuerySet:
    if wish.when is When.AHEAD:
        rows = rows.filter(ends_at__gt=now)
    elif wish.when is When.BEHIND:
        rows = rows.filter(ends_at__lte=now)
    if wish.statuses:
        rows = rows.in_state(wish.statuses)
    if wish.provider_pk is not None:
        rows = rows.filter(provider_id=wish.provider_pk)
    if wish.customer_pk is not None:
        rows = rows.filter(customer_id=wish.customer_pk)
    return _matching(rows, wish.search.replace("\0", " ").split())


def _matching(rows: BookingQuerySet, words: Sequence[str]) -> BookingQuerySet:
    for word in words[:5]:
        alike = Q()
        for column in ("first_name", "last_name", "email", "phone", "service_title"):
            alike |= Q(**{f"{column}__icontains": word})
        rows = rows.filter(alike)
    return rows
