"""The twins' goods: same services, same bookings, same ids in both."""

from __future__ import annotations

from uuid import UUID

from kernel.ids import format_public_id
from tenant_apps.bookings.models import Booking
from tenant_apps.catalog.models import Service
from tenant_apps.catalog.types import Approval
from tenants.scope import tenant_scope
from tests.bookings.rows import make_booking, make_service, on

SERVICE_ID = UUID("01900000-0000-7000-8000-0000000000b1")
BOOKING_ID = UUID("01900000-0000-7000-8000-0000000000b2")
SERVICE = format_public_id("svc", SERVICE_ID)
BOOKING = format_public_id("bkg", BOOKING_ID)


def open_market(tenant, *, approval: Approval = Approval.INSTANT, name: str = "Fiona") -> None:
    """One service, and one booking of it on Friday at noon, under the same ids wherever this is called."""
    with tenant_scope(tenant):
        service = make_service(public_id=SERVICE_ID, approval=approval)
        booking = make_booking(service, on(20, 12), name)
        Booking.objects.filter(pk=booking.pk).update(public_id=BOOKING_ID)


def booking_in(tenant) -> Booking:
    with tenant_scope(tenant):
        return Booking.objects.select_related("provider", "service").get(public_id=BOOKING_ID)


def token_in(tenant) -> str:
    from tenant_apps.bookings.selectors.links import manage_token

    with tenant_scope(tenant):
        return manage_token(booking_in(tenant))


def count_in(tenant) -> int:
    with tenant_scope(tenant):
        return Booking.objects.count()


def add_services(tenant, count: int) -> None:
    with tenant_scope(tenant):
        provider = Service.objects.select_related("provider").get(public_id=SERVICE_ID).provider
        for number in range(count):
            make_service(provider, f"more-{number}-{Service.objects.count()}")
