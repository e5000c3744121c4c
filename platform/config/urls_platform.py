"""Pages on the platform's own host: front page, sign-up, accounts, console."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tenants.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
]
