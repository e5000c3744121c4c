"""Caddy's question before it makes a certificate: is this name served here?"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from kernel.errors import Throttled
from tenants.hosts import normalise_host
from tenants.inside import is_from_inside
from tenants.models import Domain
from tenants.rates import Rate, count
from tenants.rules_hosts import is_at_or_below, registrable
from tenants.scope import platform_scope
from tenants.types import ENDED, DomainState

PATH: Final = "/internal/tls-ask"
# Authorities count attempts, for each name and for the account that all organizations share: nobody uses up the others' part.
# A name that has a certificate is not counted, or proxies that start anew could not get the stored ones served.
_EACH_NAME: Final = Rate("certificates_name", limit=4, seconds=3600)
_EACH_TENANT: Final = Rate("certificates_tenant", limit=20, seconds=3600)


@require_safe
def tls_ask(request: HttpRequest) -> HttpResponse:
    """200 for the platform's names and those that are proven and answered for, 404 for others; nothing to anybody outside.

    429 for a name without a certificate that was asked for too often. One look at an index, and no cache: the proxy asks once
    for each certificate, so that a cache would mostly be cold, and a host that was released is refused from the commit on.
    """
    if not is_from_inside(request):
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    try:
        is_known = _is_served(normalise_host(request.GET.get("domain", "")))
    except Throttled as refused:
        wait = str(refused.retry_after_seconds or _EACH_NAME.seconds)
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": wait})
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
    """Whether `host` is ours, or that of an organization that has not ended.

    Raises:
        Throttled: it never had a certificate, and was asked for too often.
    """
    if host in settings.PLATFORM_HOSTS:
        return _is_public(host)
    domain = Domain.objects.filter(host=host).exclude(tenant__status__in=ENDED).only("tenant_id", "state").first()
    if domain is None:
        return False
    if domain.state != DomainState.LIVE:
        count(_EACH_NAME, str(domain.pk))
        count(_EACH_TENANT, str(domain.tenant_id))
    return True


def _is_public(host: str) -> bool:
    """Of the names that mean the platform, those that the internet knows: the proxy and its neighbours have others, too."""
    return is_at_or_below(host, settings.PLATFORM_DOMAIN) or registrable(host) is not None
