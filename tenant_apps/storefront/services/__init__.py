"""What is written for the marketplace's pages."""

from tenant_apps.storefront.services.brand import draw_brand_kit, keep_stylesheet

__all__ = ["draw_brand_kit", "keep_stylesheet"]
