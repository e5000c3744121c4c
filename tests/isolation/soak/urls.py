"""The marketplace's own addresses, and one that keeps a text of the tenant in the cache as any page might."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls_tenant import *  # noqa: F403  # a URLconf's handlers come along
from config.urls_tenant import urlpatterns as real
from tenant_apps.catalog.models import Category


def shelf(request: HttpRequest) -> HttpResponse:
    """The first category's name, remembered for longer than the marketplaces take turns."""
    del request
    name = cache.get_or_set("soak:shelf", lambda: Category.objects.order_by("pk").values_list("name", flat=True)[0], timeout=60)
    return HttpResponse(name)


urlpatterns = [path("soak/shelf/", shelf), *real]
