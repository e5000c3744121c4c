"""The addresses that crawlers are told of."""

from __future__ import annotations

from tenant_apps.catalog.selectors import category_paths, service_paths
from tenant_apps.providers.selectors import provider_paths
from tenant_apps.storefront.selectors.pages import text_pages
from tenants.scope import current_tenant


def sitemap_paths() -> list[str]:
    """Paths of all public pages; three queries."""
    texts = [page.url for page in text_pages(current_tenant())]
    return ["/", "/services/", "/providers/", *texts, *category_paths(), *provider_paths(), *service_paths()]
