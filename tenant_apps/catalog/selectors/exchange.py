"""The catalog as plain values under public ids, to be compared with another marketplace's and carried over."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from tenant_apps.catalog.models import Category, Service

# Every column that says what is offered. What is left out is a fact of this marketplace: numbers, times, the provider.
CATEGORY_VALUES: Final = ("slug", "name", "description", "icon", "position")
SERVICE_VALUES: Final = (
    "slug",
    "title",
    "summary",
    "description",
    "included",
    "place",
    "price_minor",
    "currency",
    "duration_minutes",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "grid_step_minutes",
    "min_notice_minutes",
    "horizon_days",
    "max_per_day",
    "max_per_week",
    "cancel_notice_minutes",
    "approval",
    "status",
    "position",
)

type Values = dict[str, Any]  # Any: JSON


def category_values() -> dict[UUID, Values]:
    """All categories (one query)."""
    rows = Category.objects.values("public_id", *CATEGORY_VALUES)
    return {row.pop("public_id"): row for row in rows}


def service_values() -> dict[UUID, Values]:
    """All services, hidden ones too, with `category` and `provider` by their public ids (one query)."""
    names = {"category__public_id": "category", "provider__public_id": "provider"}
    found = {}
    for row in Service.objects.values("public_id", *names, *SERVICE_VALUES):
        public_id = row.pop("public_id")
        found[public_id] = {names.get(name, name): _plain(value) for name, value in row.items()}
    return found


def _plain(value: Any) -> Any:  # Any: a column's
    return str(value) if isinstance(value, UUID) else value
