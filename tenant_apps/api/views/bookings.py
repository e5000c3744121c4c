"""Bookings: anybody makes one, whoever holds its token or a key of the marketplace manages it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.actor import Actor
from kernel.errors import Invalid, NotFound
from shared_apps.rest.paging import cursor_in, page_response
from shared_apps.rest.repeating import answer_once
from shared_apps.rest.serializers import fields_named, read_body, read_query
from shared_apps.rest.types import LINK_HEADER, Access
from shared_apps.rest.views import created, id_in_path
from tenant_apps.api.serializers import (
    BookingPageSerializer,
    BookingQuerySerializer,
    BookingSerializer,
    BookSerializer,
    NewBookingSerializer,
)
from tenant_apps.api.types import BOOKING_PREFIX, BOOKINGS_READ, BOOKINGS_WRITE, Booking
from tenant_apps.api.views.base import MarketplaceView
from tenant_apps.api.views.services import service_named
from tenant_apps.availability.selectors import read_instant, zone_named
from tenant_apps.bookings.errors import NoSuchBooking
from tenant_apps.bookings.selectors.bookings import booking_for, get_bookings_for
from tenant_apps.bookings.selectors.links import booking_behind_link, manage_token
from tenant_apps.bookings.services import book, booking_rates
from tenant_apps.bookings.types import BookingStatus, CustomerDetails, When, Wish
from tenant_apps.catalog.types import ServiceDetails
from tenants.rates import Rate, address_of

_CUSTOMER_FIELDS: Final = ("first_name", "last_name", "email", "phone", "note")
_NAMES: Final = {"slot": "starts_at"} | {name: f"customer.{name}" for name in _CUSTOMER_FIELDS}


class BookingsView(MarketplaceView):
    """All bookings, for keys; a new one, for everybody."""

    access: ClassVar[Mapping[str, Access]] = {
        "GET": Access(BOOKINGS_READ),
        "POST": Access(BOOKINGS_WRITE, is_open=True),
    }

    def rates(self, request: Request) -> Iterable[tuple[Rate, str]]:
        """A guest's booking also counts towards what one address, and all of them, may book."""
        yield from super().rates(request)
        if request.method == "POST" and request.auth is None:
            yield from booking_rates(address_of(request))

    @extend_schema(
        operation_id="list_bookings",
        summary="List bookings",
        tags=["bookings"],
        parameters=[BookingQuerySerializer],
        responses=BookingPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """One page of the marketplace's bookings; what is ahead in order of time, everything else backwards."""
        query = read_query(BookingQuerySerializer, request)
        statuses = (BookingStatus(query["status"]),) if "status" in query else ()
        wish = Wish(when=When(query["when"]), statuses=statuses, search=query.get("search", ""))
        page = get_bookings_for(actor=self.actor, wish=wish, cursor=cursor_in(request), limit=query["limit"])
        return page_response(request, page, BookingSerializer)

    @extend_schema(
        operation_id="create_booking",
        summary="Book a time",
        tags=["bookings"],
        request=BookSerializer,
        responses={201: NewBookingSerializer},
    )
    def post(self, request: Request) -> Response:
        """Book a free time: confirmed at once, or asked of the provider (`pending`). Somebody else's luck is a 409 with the
        nearest free times as `alternatives`. Send an `Idempotency-Key`, so that a lost answer can be asked for again.
        """
        return answer_once(request, lambda: self._book(request))

    def _book(self, request: Request) -> Response:
        wish = read_body(BookSerializer, request)
        service = self._service(wish["service"])
        starts_at = read_instant(wish["starts_at"], zone=_zone(wish["time_zone"]), field="starts_at")
        with fields_named(_NAMES):
            booking = book(actor=self.actor, service=service, starts_at=starts_at, customer=CustomerDetails(**wish["customer"]))
        booking = booking_behind_link(token := manage_token(booking))[0]
        body = {**BookingSerializer(booking).data, "manage_token": token}
        return created(body, f"/api/v1/bookings/{booking.reference}")

    def _service(self, text: str) -> ServiceDetails:
        try:
            return service_named(self, text)
        except NotFound as error:
            # The address is right, what was sent is not.
            raise Invalid(_("There is no such service."), field="service") from error


class BookingView(MarketplaceView):
    """One booking."""

    access: ClassVar[Mapping[str, Access]] = {"GET": Access(BOOKINGS_READ, takes_link=True)}

    @extend_schema(operation_id="get_booking", summary="Get a booking", tags=["bookings"], responses=BookingSerializer)
    def get(self, request: Request, booking_id: str) -> Response:
        """A booking of the marketplace's, or the one that the token is for."""
        booking, _actor = booking_and_actor(self, request, booking_id)
        return Response(BookingSerializer(booking).data)


def booking_and_actor(view: MarketplaceView, request: Request, text: str) -> tuple[Booking, Actor]:
    """The booking with this outside id, and whom the caller acts as towards it. A key counts before a token.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    booking_id = id_in_path(BOOKING_PREFIX, text)
    if request.auth is not None:
        return booking_for(actor=view.actor, booking_id=booking_id), view.actor
    booking, holder = booking_behind_link(request.headers[LINK_HEADER])
    if booking.public_id != booking_id:
        raise NoSuchBooking(_("There is no such booking."))
    return booking, holder


def _zone(name: str) -> str:
    return zone_named(name, field="time_zone") if name else ""
