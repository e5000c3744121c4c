"""A marketplace with everybody in it, the same in both twins down to the ids: whoever crosses over finds a look-alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.test import Client
from psycopg.types.range import Range

from kernel.actor import Actor
from kernel.ids import format_public_id
from shared_apps.domains.models import CustomDomain
from shared_apps.domains.types import ClaimState
from tenant_apps.api.models import ApiKey
from tenant_apps.api.services import create_key
from tenant_apps.availability.models import Blackout, DateException, WeeklyWindow
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.types import BookingStatus
from tenant_apps.catalog.models import Category, Service
from tenant_apps.catalog.types import ServiceStatus
from tenant_apps.members.models import Invitation
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import ProviderStatus
from tenants.context import TenantContext
from tenants.scope import current_tenant, platform_scope
from tests.factories.people import sign_in
from tests.factories.tenants import ALPHA_ID
from tests.members.helpers import make_member

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
"""A Monday morning in London's winter, where the wall clock shows UTC."""

PEOPLE = ("owner", "manager", "provider", "other", "customer")
_CLOSED = {BookingStatus.COMPLETED, BookingStatus.CANCELLED, BookingStatus.NO_SHOW, BookingStatus.DECLINED}


def furnish() -> None:
    """People in every role, two providers with services, hours, a date off, bookings, an invitation; in the current scope."""
    users = {
        who: make_member(f"{who}@twin.example", *roles, id=9_100_000 + number, first_name=who.title())
        for number, (who, roles) in enumerate(
            {
                "owner": ["owner"],
                "manager": ["manager"],
                "provider": ["provider"],
                "other": ["provider"],
                "customer": [],
            }.items()
        )
    }
    category = Category.objects.create(id=9_100_000, public_id=_id(1), name="Deep clean", slug="deep-clean")
    Category.objects.create(id=9_100_001, public_id=_id(2), name="Windows", slug="windows", position=1)
    for number, (who, name) in enumerate((("provider", "Ines Duarte"), ("other", "Tomasz Nowak"))):
        provider = make_provider(users[who], name, number)
        make_service(provider, category, number)
    ines = Provider.objects.get(slug="ines-duarte")
    WeeklyWindow.objects.create(provider=ines, weekday=0, starts_minute=540, ends_minute=1020)
    DateException.objects.create(provider=ines, public_id=_id(30), on_date=(NOW + timedelta(days=20)).date(), kind="closed")
    new_year = datetime(2027, 1, 1, tzinfo=UTC)
    Blackout.objects.create(public_id=_id(60), starts_at=new_year, ends_at=new_year + timedelta(days=2), note="New Year")
    service = Service.objects.get(provider=ines)
    make_booking(service, NOW + timedelta(days=1), BookingStatus.PENDING, public_id=_id(40))
    make_booking(service, NOW + timedelta(days=2), BookingStatus.CONFIRMED, public_id=_id(41))
    make_booking(service, NOW - timedelta(hours=1), BookingStatus.CONFIRMED, public_id=_id(42))
    Invitation.objects.create(
        public_id=_id(50), email="bea@twin.example", name="Bea", role="provider", expires_at=NOW + timedelta(days=9)
    )
    key = create_key(actor=Actor.system("market"), name="Till", scopes=["bookings:read"]).key
    ApiKey.objects.filter(pk=key.pk).update(public_id=_id(60))
    make_domain(current_tenant())


def make_domain(tenant: TenantContext) -> None:
    """A domain that was removed; unlike the rest, ids of domains are the platform's, so each twin has its own."""
    with platform_scope(reason="furnish"):
        CustomDomain.objects.create(
            public_id=_id(70 if tenant.id == ALPHA_ID else 71), tenant_id=tenant.id, host=OLD_DOMAIN, look=OLD_DOMAIN,
            state=ClaimState.RELEASED, release_reason="gone", released_at=NOW, claim_expires_at=NOW, next_check_at=NOW,
        )  # fmt: skip


def make_provider(user, name: str, number: int) -> Provider:
    return Provider.objects.create(
        id=9_100_000 + number,
        public_id=_id(10 + number),
        user=user,
        display_name=name,
        slug=name.lower().replace(" ", "-"),
        headline="Deep cleans",
        time_zone="Europe/London",
        status=ProviderStatus.LIVE,
        position=number,
    )


def make_service(provider: Provider, category: Category, number: int, **fields) -> Service:
    values = {
        "id": 9_100_000 + number,
        "public_id": _id(20 + number),
        "title": "Regular clean",
        "slug": f"regular-clean-{number}",
        "summary": "The usual.",
        "price_minor": 4500,
        "currency": "GBP",
        "duration_minutes": 90,
        "status": ServiceStatus.LIVE,
        "position": number,
    }
    return Service.objects.create(provider=provider, category=category, **(values | fields))


def make_booking(service: Service, starts_at: datetime, status: BookingStatus, name: str = "Fiona", **fields) -> Booking:
    """A row as the services would have left it."""
    ends_at = starts_at + timedelta(minutes=service.duration_minutes)
    is_closed = status in _CLOSED
    values = {
        "time_and_after": Range(starts_at, ends_at),
        "before_and_time": Range(starts_at, ends_at),
        "time_zone": "Europe/London",
        "local_start": f"{starts_at:%Y-%m-%dT%H:%M}",
        "first_name": name,
        "last_name": "Murray",
        "email": f"{name.lower()}@customer.example",
        "customer_time_zone": "Europe/London",
        "language": "en",
        "service_title": service.title,
        "price_minor": service.price_minor,
        "currency": service.currency,
        "cancel_notice_minutes": 1440,
        "due_at": None if is_closed else starts_at if status == BookingStatus.PENDING else ends_at + timedelta(hours=12),
        "booked_at": NOW - timedelta(days=3),
        "closed_at": NOW if is_closed else None,
        "closed_by": "provider" if is_closed else "",
    }
    return Booking.objects.create(
        provider=service.provider, service=service, status=status, starts_at=starts_at, ends_at=ends_at, **(values | fields)
    )


PROVIDER = format_public_id("prv", UUID("01900000-0000-7000-8000-00000000000a"))
OTHER = format_public_id("prv", UUID("01900000-0000-7000-8000-00000000000b"))
SERVICE = format_public_id("svc", UUID("01900000-0000-7000-8000-000000000014"))
OTHERS_SERVICE = format_public_id("svc", UUID("01900000-0000-7000-8000-000000000015"))
CATEGORY = format_public_id("cat", UUID("01900000-0000-7000-8000-000000000001"))
EMPTY_CATEGORY = format_public_id("cat", UUID("01900000-0000-7000-8000-000000000002"))
DATE_OFF = "01900000-0000-7000-8000-00000000001e"
CLOSED_DAY = "01900000-0000-7000-8000-00000000003c"
REQUESTED = format_public_id("bkg", UUID("01900000-0000-7000-8000-000000000028"))
UPCOMING = format_public_id("bkg", UUID("01900000-0000-7000-8000-000000000029"))
BEGUN = format_public_id("bkg", UUID("01900000-0000-7000-8000-00000000002a"))
DOMAIN = format_public_id("dom", UUID("01900000-0000-7000-8000-000000000046"))
OLD_DOMAIN = "old.acme-cleaning.com"
INVITATION = format_public_id("inv", UUID("01900000-0000-7000-8000-000000000032"))
KEY = format_public_id("key", UUID("01900000-0000-7000-8000-00000000003c"))


def browser(tenant: TenantContext, who: str | None) -> Client:
    """Somebody's browser on the marketplace's host; of a guest without a name."""
    client = Client(headers={"host": tenant.primary_host})
    if who is not None:
        sign_in(client, f"{who}@twin.example")
    return client


def _id(number: int) -> UUID:
    return UUID(int=0x01900000_0000_7000_8000_000000000000 + number)
