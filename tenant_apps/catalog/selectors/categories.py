"""Categories, with what is in them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from kernel.money import Money
from tenant_apps.catalog.errors import CategoryNotFound
from tenant_apps.catalog.models import Category
from tenant_apps.catalog.types import CategoryCard, ServiceStatus
from tenant_apps.providers.types import ProviderStatus
from tenants.scope import current_tenant

_FOR_SALE = Q(services__status=ServiceStatus.LIVE, services__provider__status=ProviderStatus.LIVE)


def categories() -> list[CategoryCard]:
    """All categories in their order, each with the number of services for sale and their lowest price; one query."""
    rows = Category.objects.annotate(
        service_count=Count("services", filter=_FOR_SALE), lowest=Min("services__price_minor", filter=_FOR_SALE)
    ).order_by("position", "pk")
    currency = current_tenant().currency
    return [
        CategoryCard(
            id=row.public_id,
            slug=row.slug,
            name=row.name,
            description=row.description,
            icon=row.icon,
            service_count=row.service_count,
            lowest_price=None if row.lowest is None else Money(row.lowest, currency),
        )
        for row in rows
    ]


def category_at(slug: str) -> CategoryCard:
    """The category at this address.

    Raises:
        CategoryNotFound: there is none.
    """
    card = next((card for card in categories() if card.slug == slug), None)
    if card is None:
        raise CategoryNotFound(_("There is no such category."))
    return card


def category_paths() -> list[str]:
    """The addresses of all categories, for crawlers."""
    return [f"/categories/{slug}/" for slug in Category.objects.order_by("position", "pk").values_list("slug", flat=True)]


def category_choices() -> list[tuple[UUID, str]]:
    """Id and name of every category in its order, for a form."""
    return list(Category.objects.order_by("position", "pk").values_list("public_id", "name"))
