"""Public pages and files, on each marketplace's host."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from tenant_apps.storefront.views import files, pages

urlpatterns: list[URLPattern] = [
    path("", pages.home, name="storefront_home"),
    path("services/", pages.services, name="storefront_services"),
    path("services/<slug:slug>/", pages.service, name="storefront_service"),
    path("providers/", pages.providers, name="storefront_providers"),
    path("providers/<slug:slug>/", pages.provider, name="storefront_provider"),
    path("categories/<slug:slug>/", pages.category, name="storefront_category"),
    path("p/<str:public_id>/", pages.short_link, name="storefront_short_link"),
    re_path(r"^(?P<slug>about|privacy|terms)/$", pages.text, name="storefront_text"),
    path("media/<path:path>", files.media, name="storefront_media"),
    path("robots.txt", files.robots, name="storefront_robots"),
    path("sitemap.xml", files.sitemap, name="storefront_sitemap"),
]
