"""Caddy's question before it makes a certificate: is this name served here?"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from tenants.hosts import SERVED_STATES, normalise_host
from tenants.models import Domain
from tenants.scope import platform_scope
from tenants.types import TenantStatus

PATH: Final = "/internal/tls-ask"
_ENDED = frozenset({TenantStatus.CLOSING, TenantStatus.ERASED})
# Whatever the proxy passes on from the internet carries one of these; its own question carries none.
_FORWARDING = ("X-Forwarded-For", "Forwarded", "Via")


@require_safe
def tls_ask(request: HttpRequest) -> HttpResponse:
    """200 for the platform's names and those that are proven and answered for, 404 for others; nothing to anybody outside.

    One look at an index, and no cache: the proxy asks once for each certificate, so that a cache would mostly be cold, and
    a host that was released is refused from the commit on.
    """
    is_known = _is_from_inside(request) and _is_served(normalise_host(request.GET.get("domain", "")))
    return HttpResponse(status=HTTPStatus.OK if is_known else HTTPStatus.NOT_FOUND)


class TlsAskMiddleware:
    """Answers the question before sessions, people and messages are thought of: a handshake waits for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path != PATH or not _is_for_platform(request):
            return self.get_response(request)
        with platform_scope(reason="certificate"):
            return tls_ask(request)


def _is_for_platform(request: HttpRequest) -> bool:
    try:
        return normalise_host(request.get_host()) in settings.PLATFORM_HOSTS
    except DisallowedHost:
        return False


def _is_served(host: str) -> bool:
    if host in settings.PLATFORM_HOSTS:
        return True
    return Domain.objects.filter(host=host, state__in=SERVED_STATES).exclude(tenant__status__in=_ENDED).exists()


def _is_from_inside(request: HttpRequest) -> bool:
    if any(name in request.headers for name in _FORWARDING):
        return False
    return _is_internal(request.META.get("REMOTE_ADDR", ""), tuple(settings.INTERNAL_NETWORKS))


@cache
def _networks(texts: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


def _is_internal(text: str, networks: tuple[str, ...]) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    plain = getattr(address, "ipv4_mapped", None) or address
    return any(plain in network for network in _networks(networks))
