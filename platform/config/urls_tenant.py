"""Pages of one marketplace, on its own host."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

handler400 = "webui.views.bad_request"
handler403 = "webui.views.forbidden"
handler404 = "webui.views.not_found"
handler500 = "webui.views.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("tenant_apps.api.urls")),
    path("", include("themes.urls")),
    path("accounts/", include("shared_apps.accounts.urls")),
    path("", include("tenant_apps.members.urls")),
    path("", include("tenant_apps.bookings.urls")),
    path("", include("webui.urls")),
    path("", include("provisioning.urls_tenant")),
    path("manage/", include("tenant_apps.backoffice.urls")),
    path("", include("tenant_apps.storefront.urls")),
]
