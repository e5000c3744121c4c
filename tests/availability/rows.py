"""Providers and services in the database, look-alike in both twins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kernel.actor import Actor
from shared_apps.accounts.models import User
from tenant_apps.availability.models import WeeklyWindow
from tenant_apps.availability.types import Busy
from tenant_apps.catalog.models import Category, Service
from tenant_apps.providers.models import Provider

SYSTEM = Actor.system("test")


def make_provider(name: str = "ada", *, zone: str = "Europe/London", windows: Iterable[tuple[int, int, int]] = ()) -> Provider:
    user = User.objects.create_user(f"{name}@twin.example")
    provider = Provider.objects.create(user=user, slug=name, display_name=name.title(), time_zone=zone)
    WeeklyWindow.objects.bulk_create(
        WeeklyWindow(provider=provider, weekday=weekday, starts_minute=starts, ends_minute=ends)
        for weekday, starts, ends in windows
    )
    return provider


def make_service(provider: Provider, name: str = "lesson", **fields: object) -> Service:
    category, _ = Category.objects.get_or_create(slug="all", defaults={"name": "All"})
    numbers: dict[str, object] = {"duration_minutes": 60, "grid_step_minutes": 60, "min_notice_minutes": 0, "horizon_days": 60}
    return Service.objects.create(
        provider=provider,
        category=category,
        slug=f"{provider.slug}-{name}",
        title=name,
        price_minor=1000,
        currency="GBP",
        **(numbers | fields),
    )


def actor_of(provider: Provider, *capabilities: str) -> Actor:
    assert provider.user_id is not None
    return Actor.user(user_id=provider.user_id, label="test", capabilities=frozenset(capabilities))


class FakeSource:
    """Busy times as an app above would report them; remembers how it was asked."""

    def __init__(self, *rows: tuple[int, Busy]) -> None:
        self.rows = list(rows)
        self.calls: list[dict[str, object]] = []

    def __call__(self, **asked: object) -> list[tuple[int, Busy]]:
        self.calls.append(asked)
        return self.rows


def busy(starts_at: datetime, ends_at: datetime, *, service_id: int | None = None) -> Busy:
    return Busy(int(starts_at.timestamp()), int(ends_at.timestamp()), service_id=service_id)
