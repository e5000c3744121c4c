"""Bookings as the people around them may see them; every read starts from `visible_to`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from kernel import clock
from kernel.actor import Actor
from kernel.errors import Invalid
from kernel.intervals import Interval
from kernel.paging import Page, fetch_page
from tenant_apps.bookings.errors import NoSuchBooking
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.permissions import visible_condition
from tenant_apps.bookings.querysets import BookingQuerySet
from tenant_apps.bookings.types import BookingCounts, BookingStatus, When, Wish

PAGE_SIZE: Final = 25
LONGEST_CALENDAR: Final = timedelta(days=45)
"""A month's page with the weeks around it, and a little more."""

_S = BookingStatus
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


def get_calendar_for(*, actor: Actor, starts_at: datetime, ends_at: datetime, provider_pk: int | None = None) -> list[Booking]:
    """The actor's bookings that share an instant with the range and still count, in order of time; one query.

    Raises Invalid for a range longer than 45 days or one that ends before it begins.
    """
    if not timedelta() < ends_at - starts_at <= LONGEST_CALENDAR:
        raise Invalid(_("Ask for at most %(days)s days at once.") % {"days": LONGEST_CALENDAR.days}, field="ends_at")
    rows = visible_to(actor).overlapping(Interval(starts_at, ends_at))
    rows = rows.in_state([_S.PENDING, _S.CONFIRMED, _S.COMPLETED, _S.NO_SHOW])
    if provider_pk is not None:
        rows = rows.filter(provider_id=provider_pk)
    return list(rows.order_by("starts_at", "pk"))


def count_bookings_for(*, actor: Actor, day: Interval, now: datetime | None = None) -> BookingCounts:
    """How many of the actor's bookings wait for an answer, lie on `day`, and lie ahead; one query."""
    now = now or clock.now()
    agreed = Q(status__in=[_S.CONFIRMED, _S.COMPLETED, _S.NO_SHOW])
    found = visible_to(actor).aggregate(
        waiting=Count("pk", filter=Q(status=_S.PENDING)),
        on_day=Count("pk", filter=agreed & Q(starts_at__gte=day.start, starts_at__lt=day.end)),
        ahead=Count("pk", filter=Q(status=_S.CONFIRMED, starts_at__gte=now)),
    )
    return BookingCounts(**found)


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
