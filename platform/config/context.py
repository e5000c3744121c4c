"""What every template knows: the tenant, its stylesheets, and the theme package its templates come from."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from tenants.context import TenantContext
from tenants.scope import current_scope


def branding(request: HttpRequest) -> dict[str, object]:
    """Context processor."""
    tenant = getattr(request, "tenant", None)
    return {"tenant": tenant, "platform_url": settings.PLATFORM_URL}


def current_package() -> str | None:
    """The theme package of the scope's tenant, or None on the platform's own pages."""
    scope = current_scope()
    return scope.theme_package if isinstance(scope, TenantContext) else None
