"""What every template knows: the tenant, its stylesheets, and the theme package its templates come from."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from tenants.context import TenantContext
from tenants.scope import current_scope
from themes.engine.stylesheet import font_preload_urls
from themes.loader import package_of_request, package_or_stand_in
from themes.publishing import FAVICON, MANIFEST, kit_key, theme_of


def branding(request: HttpRequest) -> dict[str, object]:
    """Context processor: the tenant and what `layouts/base.html` links; the platform's own pages have Stoa's look."""
    tenant = getattr(request, "tenant", None)
    common: dict[str, object] = {"tenant": tenant, "platform_url": settings.PLATFORM_URL, "live_port": settings.LIVE_PORT}
    return common | _look(tenant) if isinstance(tenant, TenantContext) else common


def current_package() -> str | None:
    """A reference to the theme package of the scope's tenant, or None on the platform's own pages."""
    scope = current_scope()
    return scope.theme_ref if isinstance(scope, TenantContext) else None


def _look(tenant: TenantContext) -> dict[str, object]:
    theme, kit = theme_of(tenant), kit_key(tenant)
    package = package_of_request() or package_or_stand_in(tenant.theme_ref)
    return {
        "theme_css_url": reverse("themes:stylesheet", args=[theme.hash]),
        "package_css_urls": [
            reverse("themes:package_file", args=[digest, package_id, "theme.css"]) for digest, package_id in package.stylesheets
        ],
        "body_class": package.body_class,
        "theme_color": theme.shown_palette["bg"],
        "font_preloads": font_preload_urls(theme.tokens),
        "favicon_url": reverse("themes:brand_file", args=[kit, FAVICON]),
        "manifest_url": reverse("themes:brand_file", args=[kit, MANIFEST]),
        **_pictures(tenant),
    }


def _pictures(tenant: TenantContext) -> dict[str, object]:
    """The pictures that are drawn already; for a while after a change they are those of the look before."""
    if not tenant.brand_kit:
        return {}
    return {
        "touch_icon_url": reverse("themes:brand_file", args=[tenant.brand_kit, "apple-touch-icon.png"]),
        "share_picture_url": tenant.base_url + reverse("themes:brand_file", args=[tenant.brand_kit, "og.png"]),
    }
