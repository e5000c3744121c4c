"""What is for sale, and when it is free: open to everybody, as the pages are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.errors import Invalid
from shared_apps.rest.paging import cursor_in, page_response
from shared_apps.rest.serializers import fields_named, read_query
from shared_apps.rest.types import OPEN, Access
from shared_apps.rest.views import id_in_path
from tenant_apps.api.serializers import (
    AvailabilityQuerySerializer,
    AvailabilitySerializer,
    ServiceDetailsSerializer,
    ServicePageSerializer,
    ServiceQuerySerializer,
    ServiceSerializer,
)
from tenant_apps.api.views.base import MarketplaceView
from tenant_apps.availability.selectors import get_slots, read_instant, zone_named
from tenant_apps.catalog.selectors import listed_services, service_with_id
from tenant_apps.catalog.types import SERVICE_PREFIX, Facets, ServiceDetails, Sorting

LONGEST_RANGE: Final = timedelta(days=31)


class ServicesView(MarketplaceView):
    """The services for sale."""

    access: ClassVar[Mapping[str, Access]] = {"GET": OPEN}

    @extend_schema(
        operation_id="list_services",
        summary="List services",
        tags=["services"],
        parameters=[ServiceQuerySerializer],
        responses=ServicePageSerializer,
    )
    def get(self, request: Request) -> Response:
        """One page of what is for sale, in the order of `sort`."""
        query = read_query(ServiceQuerySerializer, request)
        facets = Facets(
            search=query.get("search", ""),
            category=query.get("category", ""),
            place=query.get("place", ""),
            instant_only=query["instant"],
            sorting=Sorting.of(query["sort"]),
        )
        page = listed_services(facets, cursor=cursor_in(request), limit=query["limit"])
        return page_response(request, page, ServiceSerializer)


class ServiceView(MarketplaceView):
    """One service."""

    access: ClassVar[Mapping[str, Access]] = {"GET": OPEN}

    @extend_schema(operation_id="get_service", summary="Get a service", tags=["services"], responses=ServiceDetailsSerializer)
    def get(self, request: Request, service_id: str) -> Response:
        """A service that is for sale, with everything one needs to book it."""
        del request
        return Response(ServiceDetailsSerializer(service_named(self, service_id)).data)


class AvailabilityView(MarketplaceView):
    """The free times of one service."""

    access: ClassVar[Mapping[str, Access]] = {"GET": OPEN}

    @extend_schema(
        operation_id="get_availability",
        summary="List the free times of a service",
        tags=["services"],
        parameters=[AvailabilityQuerySerializer],
        responses=AvailabilitySerializer,
    )
    def get(self, request: Request, service_id: str) -> Response:
        """The times that can be booked and start in the range; 31 days at most in one answer."""
        query = read_query(AvailabilityQuerySerializer, request)
        service = service_named(self, service_id)
        zone = zone_named(query.get("time_zone", service.provider.time_zone), field="time_zone")
        starts_at = read_instant(query["from"], zone=zone, field="from")
        ends_at = read_instant(query["to"], zone=zone, field="to")
        if ends_at - starts_at > LONGEST_RANGE:
            raise Invalid(_("Ask for at most %(days)s days at once.") % {"days": LONGEST_RANGE.days}, field="to")
        with fields_named({"ends_at": "to"}):
            slots = get_slots(service=service, starts_at=starts_at, ends_at=ends_at)
        clock = ZoneInfo(zone)
        lines = [{"starts_at": _text(slot.starts, clock), "ends_at": _text(slot.ends, clock)} for slot in slots]
        return Response({"service": service.public_id, "time_zone": zone, "slots": lines})


def service_named(view: MarketplaceView, text: str) -> ServiceDetails:
    """The service with this outside id.

    Raises:
        NotFound: there is none that the caller may see.
    """
    return service_with_id(id_in_path(SERVICE_PREFIX, text), actor=view.actor)


def _text(instant: int, clock: ZoneInfo) -> str:
    return datetime.fromtimestamp(instant, clock).isoformat()
