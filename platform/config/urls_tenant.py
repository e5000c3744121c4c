"""Pages of one marketplace, on its own host."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("shared_apps.accounts.urls")),
    path("", include("tenant_apps.members.urls")),
]
