"""What the marketplace's pages read."""

from tenant_apps.storefront.selectors.home import home_page, home_sections
from tenant_apps.storefront.selectors.pages import TextPage, text_page, text_pages
from tenant_apps.storefront.selectors.slots import next_slots
from tenant_apps.storefront.selectors.tiles import provider_tiles, service_tiles, services_free

__all__ = [
    "TextPage",
    "home_page",
    "home_sections",
    "next_slots",
    "provider_tiles",
    "service_tiles",
    "services_free",
    "text_page",
    "text_pages",
]
