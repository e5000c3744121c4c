"""What can be read of the catalog; every selector starts from what the actor may know of."""

from tenant_apps.catalog.selectors.categories import categories, category_at, category_choices
from tenant_apps.catalog.selectors.services import (
    listed_services,
    lowest_prices,
    service_at,
    service_for_staff,
    services_by,
    services_for_staff,
)

__all__ = [
    "categories",
    "category_at",
    "category_choices",
    "listed_services",
    "lowest_prices",
    "service_at",
    "service_for_staff",
    "services_by",
    "services_for_staff",
]
