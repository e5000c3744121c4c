"""What can be done to the catalog."""

from tenant_apps.catalog.services.categories import create_category, delete_category, reorder_categories, update_category
from tenant_apps.catalog.services.checks import (
    check_category_name,
    check_horizon,
    check_included,
    check_price,
    check_saleable,
)
from tenant_apps.catalog.services.exchange import (
    hold_catalog,
    remove_category_of_exchange,
    remove_service_of_exchange,
    require_room_on_sale,
    write_category_of_exchange,
    write_service_of_exchange,
)
from tenant_apps.catalog.services.offering import (
    create_service,
    hide_service,
    publish_service,
    reorder_services,
    update_service,
)

__all__ = [
    "check_category_name",
    "check_horizon",
    "check_included",
    "check_price",
    "check_saleable",
    "create_category",
    "create_service",
    "delete_category",
    "hide_service",
    "hold_catalog",
    "publish_service",
    "remove_category_of_exchange",
    "remove_service_of_exchange",
    "reorder_categories",
    "reorder_services",
    "require_room_on_sale",
    "update_category",
    "update_service",
    "write_category_of_exchange",
    "write_service_of_exchange",
]
