"""What a request says: who asks, on which clock, under which attempt to book."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from kernel.actor import Actor
from kernel.errors import DomainError, Throttled
from kernel.ids import new_id
from kernel.zones import is_zone
from shared_apps.accounts.models import User
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.selectors.attempts import ATTEMPTS, MADE, attempt_in, get_service_picker, zone_hint
from tenant_apps.bookings.types import Picker
from tenant_apps.catalog.types import ServiceDetails
from tenants.rates import address_of

_MOST_ATTEMPTS: Final = 20


def actor_of(request: HttpRequest) -> Actor:
    return cast("Actor", request.actor)  # type: ignore[attr-defined]  # set by members' middleware


def user_of(request: HttpRequest) -> User | None:
    """The signed-in person."""
    return request.user if isinstance(request.user, User) else None


def visitor_of(request: HttpRequest) -> str:
    """Whom to count what this request takes for: the account of somebody signed in, else the address it comes from.

    By account, so that a whole campus behind one address can book while nobody floods.
    """
    user = user_of(request)
    return f"user:{user.pk}" if user else address_of(request)


def refused(response: HttpResponse, error: DomainError) -> HttpResponse:
    """`response`, which shows `error`, with what programs are told of it (RFC 9110, Retry-After)."""
    if isinstance(error, Throttled) and error.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    return response


def zone_hint_of(request: HttpRequest) -> str:
    """The viewer's zone as far as they told it before: in a cookie, or in their profile."""
    user = user_of(request)
    return zone_hint(request.COOKIES, user.time_zone if user else "")


def zone_of(request: HttpRequest, asked: Mapping[str, str], *, default: str) -> str:
    """The zone that times of this request are meant in."""
    return next(zone for zone in (asked.get("tz", ""), zone_hint_of(request), default) if is_zone(zone))


def picker_of(request: HttpRequest, service: ServiceDetails, query: Mapping[str, str] | None = None) -> Picker:
    """The slot picker of `service` for this visitor."""
    user = user_of(request)
    return get_service_picker(
        service=service,
        query=request.GET.dict() if query is None else query,
        cookies=request.COOKIES,
        session=request.session,
        profile_zone=user.time_zone if user else "",
    )


def begin_attempt(request: HttpRequest, service: ServiceDetails) -> UUID:
    """The key of this browser's attempt to book `service`, made now if need be. One visitor holds one time per service."""
    key = attempt_in(request.session, service) or new_id()
    _keep(request, ATTEMPTS, service, key)
    return key


def remember_booking(request: HttpRequest, service: ServiceDetails, booking: Booking) -> None:
    """End the attempt, and know its booking: who goes back to the form is to find it, not that somebody took the time."""
    end_attempt(request, service)
    if booking.hold_key is not None:
        _keep(request, MADE, service, booking.hold_key)


def end_attempt(request: HttpRequest, service: ServiceDetails) -> None:
    """Forget the attempt: it has led to a booking, and the next one is another."""
    attempts = dict(request.session.get(ATTEMPTS, {}))
    if attempts.pop(str(service.id), None) is not None:
        request.session[ATTEMPTS] = attempts


def _keep(request: HttpRequest, name: str, service: ServiceDetails, key: UUID) -> None:
    kept = dict(request.session.get(name, {}))
    kept.pop(str(service.id), None)
    kept[str(service.id)] = str(key)
    request.session[name] = dict(list(kept.items())[-_MOST_ATTEMPTS:])


def details_path(service: ServiceDetails, *, slot: str, zone: str) -> str:
    """The page on which one gives one's name for a slot."""
    return f"{reverse('booking_details', args=[service.slug])}?{urlencode({'slot': slot, 'tz': zone})}"
