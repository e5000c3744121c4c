"""What can be read of the catalog; every selector starts from what the actor may know of."""

from tenant_apps.catalog.selectors.categories import categories, category_at, category_choices, category_paths
from tenant_apps.catalog.selectors.exchange import category_values, service_values
from tenant_apps.catalog.selectors.services import (
    count_for_sale,
    first_services,
    has_services,
    listed_services,
    lowest_prices,
    missing_to_publish,
    providers_on_sale,
    service_at,
    service_for_staff,
    service_paths,
    service_with_id,
    services_by,
    services_for_staff,
)

__all__ = [
    "categories",
    "category_at",
    "category_choices",
    "category_paths",
    "category_values",
    "count_for_sale",
    "first_services",
    "has_services",
    "listed_services",
    "lowest_prices",
    "missing_to_publish",
    "providers_on_sale",
    "service_at",
    "service_for_staff",
    "service_paths",
    "service_values",
    "service_with_id",
    "services_by",
    "services_for_staff",
]
