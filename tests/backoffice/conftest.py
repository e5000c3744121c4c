"""A marketplace with one of everything, and everybody who may knock at the backoffice's door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from kernel.ids import format_public_id
from shared_apps.accounts.models import User
from tenant_apps.availability.models import DateException, WeeklyWindow
from tenant_apps.bookings.models import Booking
from tenant_apps.catalog.models import Category, Service
from tenant_apps.members.models import Invitation, Membership
from tenant_apps.members.types import Role
from tenant_apps.providers.models import Provider
from tenants.context import TenantContext
from tenants.scope import tenant_scope
from tests.factories.market import make_category, make_provider, make_service, make_user


@pytest.fixture(autouse=True)
def _own_media_folder(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@dataclass
class Market:
    """One of everything, all of it Ines's."""

    tenant: TenantContext
    owner: User
    manager: User
    provider: Provider
    other: Provider
    customer: User
    category: Category
    service: Service
    booking: Booking
    exception: DateException
    invitation: Invitation

    def ids(self) -> dict[str, str]:
        """The ids that stand in addresses."""
        return {
            "provider_id": format_public_id("prv", self.provider.public_id),
            "service_id": format_public_id("svc", self.service.public_id),
            "category_id": format_public_id("cat", self.category.public_id),
            "reference": self.booking.reference,
            "exception_id": format_public_id("exc", self.exception.public_id),
            "invitation_id": format_public_id("inv", self.invitation.public_id),
        }


def make_market(tenant: TenantContext) -> Market:
    with tenant_scope(tenant):
        owner, manager, customer = make_user(), make_user(), make_user()
        provider, other = make_provider("Ines Duarte", slug="ines"), make_provider("Tomasz Wilk", slug="tomasz")
        _join((owner, Role.OWNER), (manager, Role.MANAGER), (provider.user, Role.PROVIDER), (other.user, Role.PROVIDER))
        category = make_category("Deep clean", slug="deep")
        service = make_service(provider, "Two-bedroom flat", slug="flat", category=category)
        make_service(other, "Windows", slug="windows", category=category)
        WeeklyWindow.objects.create(provider=provider, weekday=0, starts_minute=540, ends_minute=1020)
        return Market(
            tenant=tenant,
            owner=owner,
            manager=manager,
            provider=provider,
            other=other,
            customer=customer,
            category=category,
            service=service,
            booking=make_booking(service, customer=customer),
            exception=DateException.objects.create(provider=provider, on_date="2027-01-01", kind="closed"),
            invitation=Invitation.objects.create(
                email="new@twin.example",
                name="Noor",
                role=Role.PROVIDER,
                expires_at=datetime.now(UTC) + timedelta(days=14),
                invited_by=owner,
            ),
        )


def make_booking(service: Service, *, starts_at: datetime | None = None, **fields: object) -> Booking:
    """A request for tomorrow at ten, written directly."""
    starts = starts_at or (datetime.now(UTC) + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
    ends = starts + timedelta(minutes=service.duration_minutes)
    defaults: dict[str, object] = {
        "provider": service.provider,
        "service": service,
        "status": "pending",
        "starts_at": starts,
        "ends_at": ends,
        "time_and_after": (starts, ends),
        "before_and_time": (starts, ends),
        "time_zone": service.provider.time_zone,
        "local_start": f"{starts:%Y-%m-%dT%H:%M}",
        "first_name": "Fiona",
        "last_name": "Marr",
        "email": "fiona@twin.example",
        "customer_time_zone": "Europe/London",
        "language": "en",
        "service_title": service.title,
        "price_minor": service.price_minor,
        "currency": service.currency,
        "cancel_notice_minutes": service.cancel_notice_minutes,
        "due_at": ends,
        "booked_at": datetime.now(UTC),
    }
    return Booking.objects.create(**(defaults | fields))


def _join(*people: tuple[User, Role]) -> None:
    for user, role in people:
        Membership.objects.create(user=user, role=role)


@pytest.fixture
def market(alpha) -> Market:
    return make_market(alpha)


def client_of(tenant: TenantContext, user: User | None) -> Client:
    """A browser on this marketplace, signed in as this person."""
    client = Client(headers={"host": tenant.primary_host})
    if user is not None:
        with tenant_scope(tenant):
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def owner_client(market) -> Client:
    return client_of(market.tenant, market.owner)


@pytest.fixture
def provider_client(market) -> Client:
    return client_of(market.tenant, market.provider.user)
