"""Rows of a marketplace, written directly: what a test is given, not what it tests."""

from __future__ import annotations

from itertools import count

from kernel.actor import Actor
from shared_apps.accounts.models import User
from tenant_apps.providers.models import Provider
from tenant_apps.providers.types import ProviderStatus

_numbers = count(1)

OWNER_CAPABILITIES = frozenset(
    {"providers.manage", "providers.edit_own", "services.manage", "services.edit_own", "categories.manage"}
)
PROVIDER_CAPABILITIES = frozenset({"providers.edit_own", "services.edit_own"})


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


def actor_of(provider: Provider) -> Actor:
    """The provider's own person, signed in."""
    return Actor.user(user_id=provider.user_id, label="provider", capabilities=PROVIDER_CAPABILITIES)


def owner() -> Actor:
    """Somebody who runs the marketplace."""
    return Actor.user(user_id=make_user().pk, label="owner", capabilities=OWNER_CAPABILITIES)


def customer() -> Actor:
    """Somebody who has an account and offers nothing."""
    return Actor.user(user_id=make_user().pk, label="customer")
