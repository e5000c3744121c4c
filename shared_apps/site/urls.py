"""The platform's front page."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from shared_apps.site import views

urlpatterns: list[URLPattern] = [
    path("", views.front, name="site_front"),
    re_path(r"^stalls-(?P<digest>[0-9a-f]{12})\.css$", views.stalls_stylesheet, name="site_stalls_css"),
]
