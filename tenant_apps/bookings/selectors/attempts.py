"""One visitor's attempt to book: the key that the browser's session keeps for each service, and the hold under it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.urls import reverse

from kernel.zones import is_zone
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.selectors.picker import get_picker
from tenant_apps.bookings.types import BookingStatus, Picker, PickerPaths
from tenant_apps.catalog.types import ServiceDetails

ATTEMPTS: Final = "booking_attempts"
MADE: Final = "bookings_made"
"""In a session: the key of the last attempt that became a booking, by service."""
ZONE_COOKIE: Final = "tz"
CHOSEN_ZONE_COOKIE: Final = "tz_chosen"
"""What somebody chose themselves, against what their browser said."""
_LONGEST: Final = 100


def get_service_picker(
    *,
    service: ServiceDetails,
    query: Mapping[str, str],
    cookies: Mapping[str, str],
    session: Mapping[str, Any],  # Any: what sessions hold
    profile_zone: str = "",
) -> Picker:
    """The slot picker for the page of `service`, as the parts of a request ask for it.

    `query` is `request.GET.dict()`; of the cookies only the viewer's zone is read, of the session only their attempt, so
    that their own hold does not stand in their way (BOOKING row 4). `profile_zone` is the zone of who is signed in.
    """
    held = hold_under(attempt_in(session, service))
    return get_picker(
        service=service,
        asked={name: value[:_LONGEST] for name, value in query.items()},
        paths=service_paths(service),
        zone_hint=zone_hint(cookies, profile_zone),
        is_hint_chosen=is_zone_chosen(cookies),
        ignoring=(held.public_id,) if held else (),
    )


def service_paths(service: ServiceDetails) -> PickerPaths:
    """Where the picker on the page of `service` sends its forms."""
    return PickerPaths(
        page=service.path,
        part=reverse("booking_picker", args=[service.slug]),
        choose=reverse("booking_hold", args=[service.slug]),
    )


def attempt_in(session: Mapping[str, Any], service: ServiceDetails) -> UUID | None:  # Any: what sessions hold
    """The key of this browser's attempt to book `service`, if there is one."""
    return as_key(session.get(ATTEMPTS, {}).get(str(service.id)))


def booking_made(session: Mapping[str, Any], service: ServiceDetails, *, starts_at: datetime) -> Booking | None:  # Any: ditto
    """The booking that this browser made of `service` at `starts_at`, while it stands; no query in another browser."""
    key = as_key(session.get(MADE, {}).get(str(service.id)))
    standing = (BookingStatus.PENDING, BookingStatus.CONFIRMED)
    return Booking.objects.filter(hold_key=key, starts_at=starts_at, status__in=standing).first() if key else None


def as_key(text: object) -> UUID | None:
    """`text` as the key of an attempt, or None."""
    try:
        return UUID(str(text))
    except ValueError:
        return None


def hold_under(key: UUID | None) -> Booking | None:
    """The hold of this attempt, its time over or not; no query without a key."""
    return Booking.objects.held_under(key).first() if key else None


def zone_hint(cookies: Mapping[str, str], profile_zone: str) -> str:
    """The viewer's zone as far as they told it before; empty when they did not."""
    told = (_zone_in(cookies, CHOSEN_ZONE_COOKIE), _zone_in(cookies, ZONE_COOKIE), profile_zone)
    return next((zone for zone in told if is_zone(zone)), "")


def is_zone_chosen(cookies: Mapping[str, str]) -> bool:
    """Whether the viewer chose a zone on an earlier page, so that their browser's shall not replace it."""
    return is_zone(_zone_in(cookies, CHOSEN_ZONE_COOKIE))


def _zone_in(cookies: Mapping[str, str], name: str) -> str:
    return cookies.get(name, "").replace("%2F", "/")
