"""Addresses of a tenant's look; the hash in them makes them immutable."""

from django.urls import path, re_path

from themes.views import brand_file, stylesheet

app_name = "themes"
urlpatterns = [
    re_path(r"^theme-(?P<theme_hash>[0-9a-f]{12})\.css$", stylesheet, name="stylesheet"),
    path("brand/<slug:key>/<str:name>", brand_file, name="brand_file"),
]
