"""What can be done to a booking; each answers with the booking as it is afterwards."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.actor import Actor
from shared_apps.rest.repeating import answer_once
from shared_apps.rest.serializers import StrictSerializer, fields_named, read_body
from shared_apps.rest.types import Access
from tenant_apps.api.serializers import (
    BookingSerializer,
    DecisionSerializer,
    DeclineSerializer,
    ReasonSerializer,
    StartSerializer,
)
from tenant_apps.api.types import BOOKINGS_WRITE, Booking
from tenant_apps.api.views.base import MarketplaceView
from tenant_apps.api.views.bookings import booking_and_actor
from tenant_apps.availability.selectors import read_instant, zone_named
from tenant_apps.bookings.services import cancel_booking, confirm_booking, decline_booking, reschedule_booking

type Wish = dict[str, Any]  # Any: cleaned values of a serializer


class ActView(MarketplaceView):
    """Reads the body, finds the booking, acts, answers with the booking."""

    reads: ClassVar[type[StrictSerializer]]

    @abstractmethod
    def act(self, actor: Actor, booking: Booking, wish: Wish) -> Booking:
        """Do it; returns the booking as it is then."""

    def answer(self, request: Request, booking_id: str) -> Response:
        """Do it once for the client's key."""
        return answer_once(request, lambda: self._answer(request, booking_id))

    def _answer(self, request: Request, booking_id: str) -> Response:
        booking, actor = booking_and_actor(self, request, booking_id)
        wish = read_body(self.reads, request)
        with fields_named({"slot": "starts_at"}):
            changed = self.act(actor, booking, wish)
        return Response(BookingSerializer(changed).data)


class CancelView(ActView):
    """Calling it off."""

    access: ClassVar[Mapping[str, Access]] = {"POST": Access(BOOKINGS_WRITE, takes_link=True)}
    reads = ReasonSerializer

    @extend_schema(
        operation_id="cancel_booking",
        summary="Cancel a booking",
        tags=["bookings"],
        request=ReasonSerializer,
        responses=BookingSerializer,
    )
    def post(self, request: Request, booking_id: str) -> Response:
        """Call it off: by token until it begins, by key until it ends. A second time changes nothing."""
        return self.answer(request, booking_id)

    def act(self, actor: Actor, booking: Booking, wish: Wish) -> Booking:
        """Cancel."""
        return cancel_booking(actor=actor, booking=booking, reason=wish["reason"])


class RescheduleView(ActView):
    """Another time."""

    access: ClassVar[Mapping[str, Access]] = {"POST": Access(BOOKINGS_WRITE, takes_link=True)}
    reads = StartSerializer

    @extend_schema(
        operation_id="reschedule_booking",
        summary="Move a booking",
        tags=["bookings"],
        request=StartSerializer,
        responses=BookingSerializer,
    )
    def post(self, request: Request, booking_id: str) -> Response:
        """Move it in one step: by token to a free time on offer, by key to any time ahead at which the provider is free."""
        return self.answer(request, booking_id)

    def act(self, actor: Actor, booking: Booking, wish: Wish) -> Booking:
        """Move."""
        zone = zone_named(wish["time_zone"], field="time_zone") if wish["time_zone"] else ""
        starts_at = read_instant(wish["starts_at"], zone=zone, field="starts_at")
        return reschedule_booking(actor=actor, booking=booking, starts_at=starts_at)


class ConfirmView(ActView):
    """The provider's yes."""

    access: ClassVar[Mapping[str, Access]] = {"POST": Access(BOOKINGS_WRITE)}
    reads = DecisionSerializer

    @extend_schema(
        operation_id="confirm_booking",
        summary="Confirm a request",
        tags=["bookings"],
        request=DecisionSerializer,
        responses=BookingSerializer,
    )
    def post(self, request: Request, booking_id: str) -> Response:
        """Say yes to a request. A second yes changes nothing."""
        return self.answer(request, booking_id)

    def act(self, actor: Actor, booking: Booking, wish: Wish) -> Booking:
        """Confirm."""
        return confirm_booking(actor=actor, booking=booking, seen_sequence=wish["seen_sequence"])


class DeclineView(ActView):
    """The provider's no."""

    access: ClassVar[Mapping[str, Access]] = {"POST": Access(BOOKINGS_WRITE)}
    reads = DeclineSerializer

    @extend_schema(
        operation_id="decline_booking",
        summary="Decline a request",
        tags=["bookings"],
        request=DeclineSerializer,
        responses=BookingSerializer,
    )
    def post(self, request: Request, booking_id: str) -> Response:
        """Say no to a request; its time is free at once. A second no changes nothing."""
        return self.answer(request, booking_id)

    def act(self, actor: Actor, booking: Booking, wish: Wish) -> Booking:
        """Decline."""
        return decline_booking(actor=actor, booking=booking, reason=wish["reason"], seen_sequence=wish["seen_sequence"])
