"""Rows of a marketplace, written directly: what a test is given, not what it tests."""

from __future__ import annotations

from itertools import count

from kernel.actor import Actor
from shared_apps.accounts.models import User
from tenant_apps.catalog.models import Category, Service
from tenant_apps.catalog.types import ServiceStatus
from tenant_apps.members.rules import capabilities_of
from tenant_apps.members.types import Role
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import ProviderStatus

_numbers = count(1)


def make_user(email: str = "") -> User:
    return User.objects.create_user(email or f"person{next(_numbers)}@twin.example", "a long password", first_name="Ines")


def make_provider(name: str = "Ines Duarte", **fields: object) -> Provider:
    """A live provider with a person behind it."""
    number = next(_numbers)
    defaults: dict[str, object] = {
        "display_name": name,
        "slug": f"provider-{number}",
        "headline": "Deep cleans and end of tenancy",
        "location": "Leith",
        "time_zone": "Europe/London",
        "status": ProviderStatus.LIVE,
        "position": number,
    }
    if "user" not in fields:
        defaults["user"] = make_user()
    return Provider.objects.create(**(defaults | fields))


def make_category(name: str = "", **fields: object) -> Category:
    number = next(_numbers)
    defaults: dict[str, object] = {"name": name or f"Category {number}", "slug": f"category-{number}", "position": number}
    return Category.objects.create(**(defaults | fields))


def make_service(provider: Provider | None = None, title: str = "Deep clean, two-bedroom flat", **fields: object) -> Service:
    """A service for sale, 96.00 pounds, two and a half hours."""
    number = next(_numbers)
    defaults: dict[str, object] = {
        "provider": provider or make_provider(),
        "title": title,
        "slug": f"service-{number}",
        "summary": "The clean that resets your flat.",
        "price_minor": 9600,
        "currency": "GBP",
        "duration_minutes": 150,
        "status": ServiceStatus.LIVE,
        "position": number,
    }
    if "category" not in fields:
        defaults["category"] = make_category()
    return Service.objects.create(**(defaults | fields))


def actor_of(provider: Provider) -> Actor:
    """The provider's own person, signed in."""
    return Actor.user(user_id=provider.user_id, label="provider", capabilities=capabilities_of([Role.PROVIDER]))


def owner() -> Actor:
    """Somebody who runs the marketplace."""
    return Actor.user(user_id=make_user().pk, label="owner", capabilities=capabilities_of([Role.OWNER]))


def customer() -> Actor:
    """Somebody who has an account and offers nothing."""
    return Actor.user(user_id=make_user().pk, label="customer", capabilities=capabilities_of([Role.CUSTOMER]))
