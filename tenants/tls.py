"""Caddy's question before it makes a certificate: is this name served here?"""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tenants.hosts import host_cache, normalise_host


@require_safe
def tls_ask(request: HttpRequest) -> HttpResponse:
    """200 for the platform's names and those of marketplaces, 404 for others; nothing to anybody outside.

    The proxy asks directly; whatever it passes on from the internet carries its forwarding header.
    """
    if "X-Forwarded-For" in request.headers:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    host = normalise_host(request.GET.get("domain", ""))
    is_served = host in settings.PLATFORM_HOSTS or host_cache.get(host) is not None
    return HttpResponse(status=HTTPStatus.OK if is_served else HTTPStatus.NOT_FOUND)
