"""Pages on the platform's own host: front page, sign-up, accounts, console."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from tenants.health import healthz

handler400 = "webui.views.bad_request"
handler403 = "webui.views.forbidden"
handler404 = "webui.views.not_found"
handler500 = "webui.views.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("api/v1/", include("provisioning.api.urls")),
    path("accounts/", include("shared_apps.accounts.urls")),
    path("", include("shared_apps.entry.urls")),
    path("", include("shared_apps.site.urls")),
    path("", include("provisioning.urls")),
    path("console/", include("shared_apps.console.urls")),
    path("webhooks/", include("shared_apps.webhook_inbox.urls")),
    path("", include("webui.urls")),
]
