"""A provider with hours, their services, and somebody who books; look-alike in whichever tenant they are made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from kernel.actor import Actor
from shared_apps.accounts.models import User
from tenant_apps.availability.models import WeeklyWindow
from tenant_apps.bookings.models import Booking
from tenant_apps.bookings.services import book, hold_slot
from tenant_apps.bookings.types import CustomerDetails
from tenant_apps.catalog.models import Category, Service
from tenant_apps.catalog.selectors import service_at
from tenant_apps.catalog.types import Approval, ServiceDetails, ServiceStatus
from tenant_apps.members.rules import capabilities_of
from tenant_apps.members.types import Role
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import ProviderStatus

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
"""A Monday morning in London's winter, where the wall clock shows UTC."""

GUEST = Actor.guest()
SYSTEM = Actor.system("test")
NINE_TO_FIVE = [(day, 9 * 60, 17 * 60) for day in range(7)]


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant in November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def make_provider(name: str = "ines", *, zone: str = "Europe/London", windows=NINE_TO_FIVE) -> Provider:
    user = User.objects.create_user(f"{name}@twin.example", first_name=name.title())
    provider = Provider.objects.create(
        user=user, slug=name, display_name=f"{name.title()} Duarte", time_zone=zone, status=ProviderStatus.LIVE
    )
    WeeklyWindow.objects.bulk_create(
        WeeklyWindow(provider=provider, weekday=weekday, starts_minute=starts, ends_minute=ends)
        for weekday, starts, ends in windows
    )
    return provider


def make_service(provider: Provider | None = None, name: str = "deep-clean", **fields: object) -> Service:
    provider = provider or make_provider()
    category, _ = Category.objects.get_or_create(slug="all", defaults={"name": "All"})
    values: dict[str, object] = {
        "duration_minutes": 60,
        "grid_step_minutes": 30,
        "min_notice_minutes": 0,
        "horizon_days": 60,
        "status": ServiceStatus.LIVE,
        "approval": Approval.INSTANT,
        "title": "Deep clean",
        "price_minor": 9600,
        "currency": "GBP",
    }
    return Service.objects.create(provider=provider, category=category, slug=f"{provider.slug}-{name}", **(values | fields))


def details(name: str = "Fiona", **fields: str) -> CustomerDetails:
    values = {
        "first_name": name,
        "last_name": "Murray",
        "email": f"{name.lower()}@customer.example",
        "phone": "0131 496 0123",
        "time_zone": "Europe/London",
        "language": "en",
    }
    return CustomerDetails(**(values | fields))


def on_sale(service: Service) -> ServiceDetails:
    """The service as catalog shows it to others."""
    return service_at(service.slug, actor=SYSTEM)


def make_booking(service: Service, starts_at: datetime, name: str = "Fiona", *, actor: Actor = GUEST, now=NOW, **fields: str):
    return book(actor=actor, service=on_sale(service), starts_at=starts_at, customer=details(name, **fields), now=now)


def make_hold(service: Service, starts_at: datetime, *, key: UUID | None = None, now: datetime = NOW) -> Booking:
    return hold_slot(actor=GUEST, service=on_sale(service), starts_at=starts_at, hold_key=key or uuid4(), now=now)


def actor_of(user: User, *roles: Role) -> Actor:
    return Actor.user(user_id=user.pk, label=user.email, capabilities=capabilities_of(roles))


def provider_actor(service: Service) -> Actor:
    assert service.provider.user is not None
    return actor_of(service.provider.user, Role.PROVIDER)


def manager_actor(user_id: int = 999_999) -> Actor:
    return Actor.user(user_id=user_id, label="manager", capabilities=capabilities_of([Role.MANAGER]))


def reread(booking: Booking) -> Booking:
    return Booking.objects.select_related("provider", "service").get(pk=booking.pk)


def span(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)
