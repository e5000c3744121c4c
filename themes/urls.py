"""Addresses of a tenant's look; the hash in them makes them immutable."""

from django.urls import path, re_path

from themes.views import brand_file, package_file, stylesheet

app_name = "themes"
urlpatterns = [
    re_path(r"^theme-(?P<theme_hash>[0-9a-f]{12})\.css$", stylesheet, name="stylesheet"),
    re_path(
        r"^themes/(?P<digest>[0-9a-f]{64})/(?P<package_id>[a-z][a-z0-9-]{1,31})/(?P<path>[a-z0-9][a-z0-9/._-]{0,120})$",
        package_file,
        name="package_file",
    ),
    path("brand/<slug:key>/<str:name>", brand_file, name="brand_file"),
]
